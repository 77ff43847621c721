-- Children by class and state, with how many obligations of each class are open and past their day.
SELECT p.class, c.state, count(DISTINCT c.child) AS children,
       sum(CASE WHEN o.status = 'open' AND o.due < :today THEN 1 ELSE 0 END) AS late
FROM casework_v_cases c
JOIN pupil p ON p.id = c.child
LEFT JOIN casework_v_obligations o ON o.school = c.school AND o.child = c.child
WHERE c.school = :school
GROUP BY p.class, c.state
ORDER BY p.class, c.state
