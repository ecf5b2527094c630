<?php
declare(strict_types=1);

function escaped(string $text): string
{
    return htmlspecialchars($text, ENT_QUOTES | ENT_SUBSTITUTE | ENT_HTML5, 'UTF-8');
}

function showHead(): void
{
    header('Content-Type: text/html; charset=utf-8');
    ?>
<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>Guestbook</title>
  <link rel="stylesheet" href="/style.css">
</head>
<body>
<header><h1><a href="/">Turnpike</a> guestbook</h1></header>
<?php
}

/** @param list<array{name: string, message: string, written: int}> $posts */
function showPage(array $posts, int $count, string $token, ?string $refusal, string $name, string $message): void
{
    showHead();
    ?>
<main>
<?php if ($refusal !== null): ?>
  <p class="error"><?= escaped($refusal) ?></p>
<?php endif ?>
  <form method="post" action="/guestbook.php">
    <input type="hidden" name="token" value="<?= escaped($token) ?>">
    <label>Name <input name="name" maxlength="60" required value="<?= escaped($name) ?>"></label>
    <label>Message <textarea name="message" maxlength="2000" required><?= escaped($message) ?></textarea></label>
    <button>Leave a line</button>
  </form>
  <h2><?= $count === 0 ? 'Nobody has written yet' : $count . ($count === 1 ? ' line' : ' lines') ?></h2>
<?php foreach ($posts as $post): ?>
  <article>
    <p><?= escaped($post['message']) ?></p>
    <footer><?= escaped($post['name']) ?>, <time><?= gmdate('Y-m-d H:i', $post['written']) ?> UTC</time></footer>
  </article>
<?php endforeach ?>
</main>
</body>
</html>
<?php
}

/** What a visitor sees when the database cannot be used; the cause is in the error log. */
function showSorry(): void
{
    showHead();
    ?>
<main><p class="error">The guestbook cannot be opened at the moment. Please try again later.</p></main>
</body>
</html>
<?php
}
