<?php
// As many letters "x" as the query asks for, like the programs that this page is compared with.
$bytes = (int) ($_GET['bytes'] ?? 0);
header('Content-Type: text/plain');
header('Content-Length: ' . $bytes);
echo str_repeat('x', $bytes);
