<?php
declare(strict_types=1);

/**
 * Proof that a form came from this site. The visitor's cookie is a random number; the form carries its HMAC under a
 * secret of the site, so another site can neither read nor make it. Needs no session and no write.
 */
final class Token
{
    private const COOKIE = 'guestbook';

    private string $secret;
    private ?string $visitor;

    public function __construct(string $folder)
    {
        $this->secret = self::secret($folder . '/secret');
        $cookie = $_COOKIE[self::COOKIE] ?? null;
        $this->visitor = is_string($cookie) && preg_match('/^[0-9a-f]{32}$/D', $cookie) ? $cookie : null;
    }

    /** The form's hidden field. Sets the cookie when the visitor has none, so call it before any output. */
    public function forForm(): string
    {
        if ($this->visitor === null) {
            $this->visitor = bin2hex(random_bytes(16));
            setcookie(self::COOKIE, $this->visitor,
                ['path' => '/guestbook.php', 'httponly' => true, 'samesite' => 'Strict']);
        }
        return $this->proof();
    }

    public function matches(string $given): bool
    {
        return $this->visitor !== null && hash_equals($this->proof(), $given);
    }

    private function proof(): string
    {
        return hash_hmac('sha256', (string) $this->visitor, $this->secret);
    }

    /** Read, or made by whoever comes first: link() lets one of two at the same moment win. */
    private static function secret(string $file): string
    {
        $secret = @file_get_contents($file);
        if ($secret === false) {
            $own = $file . '.' . bin2hex(random_bytes(8));
            $old_mask = umask(0077);
            file_put_contents($own, bin2hex(random_bytes(32)));
            umask($old_mask);
            @link($own, $file);
            @unlink($own);
            $secret = @file_get_contents($file);
        }
        if ($secret === false || strlen($secret) !== 64) {
            throw new RuntimeException("cannot keep a secret in $file");
        }
        return $secret;
    }
}
