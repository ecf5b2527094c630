<?php
// The guestbook's only page: GET shows it, POST adds a line and leads back here.
declare(strict_types=1);

require __DIR__ . '/../lib/store.php';
require __DIR__ . '/../lib/token.php';
require __DIR__ . '/../lib/page.php';

const DATA = __DIR__ . '/../data';

header("Content-Security-Policy: default-src 'none'; style-src 'self'; form-action 'self'; "
    . "base-uri 'none'; frame-ancestors 'none'");
header('X-Content-Type-Options: nosniff');
header('Referrer-Policy: same-origin');
header('Cache-Control: no-store');
header_remove('X-Powered-By');

/** A form field as text: what is missing, an array or not UTF-8 counts as empty. */
function formField(string $name): string
{
    $value = $_POST[$name] ?? '';
    return is_string($value) && preg_match('//u', $value) ? trim(str_replace("\r\n", "\n", $value)) : '';
}

/** Why this post is refused; null: it was kept. */
function takePost(Store $store, Token $token): ?string
{
    if (!$token->matches(formField('token'))) {
        http_response_code(403);
        return 'This form was too old or not ours. Please send it again.';
    }
    $refusal = $store->add(formField('name'), formField('message'), $_SERVER['REMOTE_ADDR'] ?? '');
    if ($refusal !== null) {
        http_response_code($refusal === Store::TOO_MANY ? 429 : 422);
    }
    return $refusal;
}

try {
    $store = new Store(DATA);
    $token = new Token(DATA);
    $refusal = null;
    switch ($_SERVER['REQUEST_METHOD']) {
        case 'POST':
            $refusal = takePost($store, $token);
            if ($refusal === null) {
                header('Location: /guestbook.php', true, 303);
                exit;
            }
            break;
        case 'GET':
        case 'HEAD':
            break;
        default:
            header('Allow: GET, HEAD, POST');
            http_response_code(405);
            exit;
    }
    showPage($store->latest(), $store->count(), $token->forForm(), $refusal, formField('name'), formField('message'));
} catch (PDOException | RuntimeException $problem) {
    error_log('guestbook: ' . $problem->getMessage());
    http_response_code(503);
    showSorry();
}
