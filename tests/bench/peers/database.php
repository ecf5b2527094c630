<?php
// Five queries by primary key over a connection that the process keeps (p:).
$database = new mysqli('p:localhost', 'bench', '', 'bench', 0, '@WORK@/database/socket');
for ($i = 0; $i < 5; ++$i) {
    $id = mt_rand(1, 1000);
    echo $database->query("SELECT word FROM words WHERE id = $id")->fetch_row()[0], "\n";
}
