<?php
declare(strict_types=1);

/** The posts, in an SQLite file outside the document root. */
final class Store
{
    public const TOO_MANY = 'That is a lot of lines in one minute. Please wait a little.';

    private const NAME_LENGTH = 60;
    private const MESSAGE_LENGTH = 2000;
    private const SHOWN = 20;
    private const KEPT = 10000;
    private const PER_MINUTE = 6;

    private PDO $database;

    public function __construct(string $folder)
    {
        $this->database = new PDO('sqlite:' . $folder . '/guestbook.sqlite', null, null, [
            PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION,
            PDO::ATTR_DEFAULT_FETCH_MODE => PDO::FETCH_ASSOC,
            PDO::ATTR_TIMEOUT => 5,
        ]);
        if ($this->database->query('PRAGMA user_version')->fetchColumn() === 0) {
            $this->create();
        }
    }

    /** @return list<array{name: string, message: string, written: int}> newest first */
    public function latest(): array
    {
        $query = $this->database->prepare('SELECT name, message, written FROM post ORDER BY id DESC LIMIT ?');
        $query->execute([self::SHOWN]);
        return $query->fetchAll();
    }

    public function count(): int
    {
        return (int) $this->database->query('SELECT count(*) FROM post')->fetchColumn();
    }

    /** Keeps a post; otherwise says why not. */
    public function add(string $name, string $message, string $address): ?string
    {
        $refusal = $this->judge($name, $message);
        if ($refusal !== null) {
            return $refusal;
        }
        // IMMEDIATE: what was counted still holds when the post is written.
        $this->database->exec('BEGIN IMMEDIATE');
        try {
            if ($this->recent($address) >= self::PER_MINUTE) {
                $refusal = self::TOO_MANY;
            } else {
                $this->write($name, $message, $address);
            }
            $this->database->exec('COMMIT');
        } catch (PDOException $problem) {
            $this->database->exec('ROLLBACK');
            throw $problem;
        }
        return $refusal;
    }

    private function judge(string $name, string $message): ?string
    {
        if (!preg_match('/^[^\p{C}]{1,' . self::NAME_LENGTH . '}$/u', $name)) {
            return 'A name has 1 to ' . self::NAME_LENGTH . ' characters.';
        }
        if (!preg_match('/^.{1,' . self::MESSAGE_LENGTH . '}$/us', $message)) {
            return 'A message has 1 to ' . self::MESSAGE_LENGTH . ' characters.';
        }
        return null;
    }

    private function recent(string $address): int
    {
        $query = $this->database->prepare('SELECT count(*) FROM post WHERE address = ? AND written > ?');
        $query->execute([$address, time() - 60]);
        return (int) $query->fetchColumn();
    }

    private function write(string $name, string $message, string $address): void
    {
        $this->database->prepare('INSERT INTO post (name, message, address, written) VALUES (?, ?, ?, ?)')
            ->execute([$name, $message, $address, time()]);
        $this->database->prepare('DELETE FROM post WHERE id <= (SELECT max(id) FROM post) - ?')
            ->execute([self::KEPT]);
    }

    private function create(): void
    {
        $this->database->exec('BEGIN IMMEDIATE');
        $this->database->exec('CREATE TABLE IF NOT EXISTS post (id INTEGER PRIMARY KEY AUTOINCREMENT,
            name TEXT NOT NULL, message TEXT NOT NULL, address TEXT NOT NULL, written INTEGER NOT NULL)');
        $this->database->exec('CREATE INDEX IF NOT EXISTS post_by_address ON post (address, written)');
        $this->database->exec('PRAGMA user_version = 1');
        $this->database->exec('COMMIT');
    }
}
