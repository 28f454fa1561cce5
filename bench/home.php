<?php
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# The home page as a PHP programmer would write it, for script/bench: the same
# statements, the same facts, no more.
$settings = require __DIR__ . '/settings.php';
$db = new PDO($settings['dsn'], null, null, [
    PDO::ATTR_PERSISTENT => true,
    PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION,
    PDO::ATTR_DEFAULT_FETCH_MODE => PDO::FETCH_ASSOC,
]);
$now = (int)(microtime(true) * 1000000);

# What a statement does not ask for is left out: PDO would refuse it.
function rows(string $name, array $all): array
{
    global $db, $settings;
    $sql = $settings[$name];
    preg_match_all('/(?<!:):([a-z_]+)/', $sql, $used);
    $query = $db->prepare($sql);
    foreach (array_intersect_key($all, array_flip($used[1])) as $key => $value) {
        $query->bindValue($key, $value,
            is_int($value) ? PDO::PARAM_INT : PDO::PARAM_STR);
    }
    $query->execute();
    return array_map(function ($row) {
        $named = [];
        foreach ($row as $column => $value) {
            $named[strtok($column, ':')] = $value;
        }
        return $named;
    }, $query->fetchAll());
}

function text($value): string
{
    return htmlspecialchars((string)$value, ENT_QUOTES);
}

[$clinic, $token] = explode('.',
    $_COOKIE['__Host-clinicportal-staff'] ?? $_COOKIE['clinicportal-staff'] ?? '.');
$session = rows('session_find', ['clinic_id' => $clinic, 'kind' => 'staff',
    'token_hash' => hash('sha256', $token), 'now' => $now])[0] ?? null;
if ($session === null) {
    http_response_code(403);
    exit("no session\n");
}

$zone = new DateTimeZone($session['time_zone']);
$day = new DateTime('today', $zone);
$start = $day->getTimestamp() * 1000000;
$end = (clone $day)->modify('+1 day')->getTimestamp() * 1000000;
$of = ['clinic_id' => $clinic, 'person_id' => $session['person_id'],
    'account_id' => $session['account_id'], 'kind' => 'staff', 'now' => $now];
$version = rows('change_find', $of)[0]['version'] ?? 0;
$today = rows('schedule_staff', $of + ['start' => $start, 'end' => $end,
    'limit' => 200]);
$unread = rows('message_unread', $of + ['folder' => 'inbox', 'limit' => 5]);
$waiting = rows('document_waiting_staff', $of + ['limit' => 5]);

function moment(int $us): string
{
    global $zone;
    $at = (new DateTime('@' . intdiv($us, 1000000)))->setTimezone($zone);
    return text($at->format('l, j F Y, H:i'));
}

header('Cache-Control: no-store');
?>
<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<title>Home - <?= text($session['name']) ?></title>
<link rel="stylesheet" href="/portal/assets/portal.css"></head>
<body><header><p><?= text($session['name']) ?></p>
<nav><ul><?php foreach (['Home', 'Schedule', 'Documents', 'Messages'] as $name): ?>
<li><a href="<?= text(strtolower($name)) ?>"><?= text($name) ?></a></li>
<?php endforeach ?></ul></nav></header>
<main data-version="<?= text($version) ?>">
<h1>Welcome, <?= text($session['display_name']) ?></h1>
<h2>Today</h2><ul>
<?php foreach ($today as $row): ?>
<li><time datetime="<?= gmdate('c', intdiv($row['starts_at'], 1000000)) ?>"><?= moment($row['starts_at']) ?> to <?= moment($row['ends_at']) ?></time>
<b><?= text($row['service_type']) ?></b> <?= text($row['description']) ?>
<p><?= text($row['names']) ?>, <?= text($row['location']) ?>, <?= text($row['status']) ?></p></li>
<?php endforeach ?></ul>
<h2>Unread messages <?= text($unread[0]['count'] ?? 0) ?></h2><ul>
<?php foreach ($unread as $row): ?>
<li><a href="messages/<?= text($row['id']) ?>"><?= text($row['topic']) ?></a>
<?= text($row['from']) ?>, <?= moment($row['last_message_at']) ?>
<p><?= text($row['payload']) ?></p></li>
<?php endforeach ?></ul>
<h2>Documents to review <?= text($waiting[0]['count'] ?? 0) ?></h2><ul>
<?php foreach ($waiting as $row): ?>
<li><a href="documents/<?= text($row['id']) ?>"><?= text($row['title']) ?></a>
<?= text($row['patient']) ?>, <?= moment($row['created_at']) ?>, <?= text($row['category']) ?></li>
<?php endforeach ?></ul></main></body></html>
