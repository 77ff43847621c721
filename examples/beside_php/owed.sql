-- What a person owes as lead helper, with names from the school's own table; what the person may not know is left out.
SELECT p.name, o.duty, o.due
FROM casework_v_obligations o
JOIN casework_v_cases c ON c.school = o.school AND c.child = o.child
JOIN pupil p ON p.id = o.child
LEFT JOIN casework_v_hidden h ON h.school = o.school AND h.child = o.child AND h.person = :me
WHERE o.school = :school AND o.status = 'open' AND o.role = 'lead' AND c.lead = :me AND h.child IS NULL
ORDER BY o.due, p.name, o.duty
