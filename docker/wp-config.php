<?php
// The same on every container of the web tier: nothing is stored here, and the keys come from the database's password.
$password = trim((string) @file_get_contents($_SERVER['DATABASE_PASSWORD_FILE'] ?? ''));
if ($password === '') {
    http_response_code(503);
    error_log("wp-config.php: no password in '{$_SERVER['DATABASE_PASSWORD_FILE']}': is the database up?");
    exit;
}
define('DB_NAME', 'wordpress');
define('DB_USER', 'wordpress');
define('DB_PASSWORD', $password);
define('DB_HOST', $_SERVER['DATABASE_HOST']);
define('DB_CHARSET', 'utf8mb4');
foreach (['AUTH', 'SECURE_AUTH', 'LOGGED_IN', 'NONCE'] as $name) {
    define($name . '_KEY', hash_hmac('sha256', $name . '_KEY', $password));
    define($name . '_SALT', hash_hmac('sha256', $name . '_SALT', $password));
}
$table_prefix = 'wp_';
// Plugins, themes and updates come with a new image.
define('DISALLOW_FILE_MODS', true);
defined('ABSPATH') || define('ABSPATH', __DIR__ . '/');
require_once ABSPATH . 'wp-settings.php';
