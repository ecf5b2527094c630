<?php
// Looks rows up by primary key and prints them. Which database, how it is reached and how it is asked are in the
// query; the answer is the same bytes whichever it was. It connects even when nothing is to be looked up, so that time
// over lookups is a straight line that begins with the connection's cost.
$database = $_GET['database'] ?? 'sqlite';
$persistent = ($_GET['connection'] ?? '') === 'persistent';
$prepared = ($_GET['statement'] ?? '') === 'prepared';
$queries = (int) ($_GET['queries'] ?? 0);

$address = match ($database) {
    'sqlite' => 'sqlite:' . $_SERVER['LOOKUPS_SQLITE'],
    'mariadb-unix' => 'mysql:dbname=lookups;unix_socket=' . $_SERVER['LOOKUPS_SOCKET'],
    'mariadb-tcp' => 'mysql:dbname=lookups;host=127.0.0.1;port=' . $_SERVER['LOOKUPS_PORT'],
};
$connection = new PDO($address, 'lookups', $_SERVER['LOOKUPS_PASSWORD'], [
    PDO::ATTR_PERSISTENT => $persistent,
    PDO::ATTR_EMULATE_PREPARES => !$prepared,  // otherwise query() prepares on the server, too
    PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION,
]);
$text = '';
$statement = $prepared ? $connection->prepare('SELECT word FROM words WHERE id = ?') : null;
for ($i = 0; $i < $queries; ++$i) {
    $id = 1 + $i * 97 % 5000;
    if ($prepared) {
        $statement->execute([$id]);
        $text .= $statement->fetchColumn() . "\n";
    } else {
        $text .= $connection->query('SELECT word FROM words WHERE id = ' . $id)->fetchColumn() . "\n";
    }
}
header('Content-Type: text/plain');
header('Content-Length: ' . strlen($text));
echo $text;
