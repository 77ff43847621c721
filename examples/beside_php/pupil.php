<?php
// Beside casework: this page writes its own table, reads the views, and lets the command line do the rest.
// Nothing here runs in casework's tests; the queries and the commands do (beside.py).

const SCHOOL = 'qinghe';
const FOLDER = '/srv/casework/qinghe';   // casework.toml and the key ring, readable by this program alone

$db = new PDO('pgsql:host=localhost;dbname=school', 'webapp', getenv('DB_PASSWORD'), [
    PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION,
    PDO::ATTR_EMULATE_PREPARES => true,     // a name may stand in a query twice
]);

/** Give one command to casework: an argument list, never a shell; [exit code, decoded answer]. */
function casework(string ...$arguments): array
{
    $command = ['casework', ...$arguments, '--dir', FOLDER, '--json'];
    $process = proc_open($command, [1 => ['pipe', 'w'], 2 => ['file', '/dev/null', 'w']], $pipes);
    $answer = json_decode(stream_get_contents($pipes[1]), true);
    fclose($pipes[1]);
    return [proc_close($process), $answer];
}

function rows(PDO $db, string $file, array $values): array
{
    $query = $db->prepare(file_get_contents(__DIR__ . "/$file"));
    $query->execute($values);
    return $query->fetchAll(PDO::FETCH_ASSOC);
}

$me = $_SESSION['user'];                   // whoever is signed in, in every command and every query

if ($_SERVER['REQUEST_METHOD'] === 'POST') {
    // Two programs, two transactions: ours first, then casework's, under a key. Whatever happens in between, the
    // form may be sent again: our row is there already, and the same key is carried out once.
    $db->prepare('INSERT INTO pupil (id, name, class) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING')
       ->execute([$_POST['id'], $_POST['name'], $_POST['class']]);
    [$exit, $answer] = casework(
        'identify', $_POST['id'], '--away', $_POST['away'], '--as', $me, '--key', 'new-' . $_POST['id']
    );
    if ($exit !== 0) {
        http_response_code($exit === 3 ? 404 : 422);
        exit(htmlspecialchars($answer['message']));
    }
}

foreach (rows($db, 'owed.sql', ['school' => SCHOOL, 'me' => $me]) as $row) {
    printf("<li>%s: %s, by %s</li>\n", ...array_map('htmlspecialchars', array_values($row)));
}
