<?php
/*
 * Plugin Name: Turnpike's page cache
 * Description: What changes in WordPress or MediaWiki is forgotten by the page cache at once.
 *
 * The route that runs the scripts says where the cache is reached, in `params` (`env` of the plugin cgi):
 *     TURNPIKE_PURGE_SOCKET  the server's purge_socket
 *     TURNPIKE_PURGE_SITE    the site's name
 *     TURNPIKE_PURGE_TOKEN   its purge_token
 * Without them nothing is done.
 *
 * WordPress: copy this file into wp-content/mu-plugins/.
 * MediaWiki: copy it beside LocalSettings.php, in which stands:
 *     require_once "$IP/purge.php";
 *     $wgUseCdn = true;
 *     $wgEventRelayerConfig['cdn-url-purges'] = ['class' => TurnpikeRelayer::class];
 */

/** Tells the cache what has changed; the notices are those of the plugin's README. False: it did not take them. */
function turnpike_purge(array $notices): bool
{
    if (empty($_SERVER['TURNPIKE_PURGE_SOCKET'])) {
        return false;
    }
    $socket = @stream_socket_client('unix://' . $_SERVER['TURNPIKE_PURGE_SOCKET'], $code, $why, 2);
    if ($socket) {
        stream_set_timeout($socket, 2);
        $order = ['verb' => 'purge', 'site' => $_SERVER['TURNPIKE_PURGE_SITE'] ?? '',
            'token' => $_SERVER['TURNPIKE_PURGE_TOKEN'] ?? '', 'notices' => $notices];
        fwrite($socket, json_encode($order, JSON_UNESCAPED_SLASHES | JSON_INVALID_UTF8_SUBSTITUTE) . "\n");
        $why = (string) fgets($socket);
        if (isset(json_decode($why, true)['told'])) {
            return true;
        }
    }
    error_log("turnpike_purge: the page cache was not told of a change: $why");
    return false;
}

if (function_exists('add_action')) {
    // A post stands on its own page, on the front page, in archives, feeds and searches: all of them go. At the end of the
    // request, once, when everything is written; before its answer ends, so that its reader finds no old page.
    $purge = static function () {
        static $is_due = false;
        if (!$is_due) {
            add_action('shutdown', static fn() => turnpike_purge(['all']));
        }
        $is_due = true;
    };
    add_action('transition_post_status', static function ($to, $from) use ($purge) {
        if ($to === 'publish' || $from === 'publish') {
            $purge();
        }
    }, 10, 2);
    add_action('wp_insert_comment', static function ($id, $comment) use ($purge) {
        if ($comment->comment_approved === '1') {
            $purge();
        }
    }, 10, 2);
    foreach (
        ['transition_comment_status', 'edit_comment', 'edited_term', 'delete_term', 'wp_update_nav_menu',
            'switch_theme', 'customize_save_after', 'permalink_structure_changed', 'activated_plugin',
            'deactivated_plugin', 'update_option_blogname', 'update_option_blogdescription', 'update_option_show_on_front',
            'update_option_page_on_front', 'update_option_page_for_posts', 'update_option_posts_per_page',
            'update_option_sidebars_widgets'] as $event
    ) {
        add_action($event, $purge, 10, 0);
    }
}

if (class_exists('EventRelayer')) {
    /** MediaWiki says itself which addresses have changed. */
    class TurnpikeRelayer extends EventRelayer
    {
        protected function doNotify($channel, array $events)
        {
            $path = static fn($event) => preg_replace('~^([a-z]+:)?//[^/]*~', '', $event['url']);
            $is_told = true;
            // An order has 64 KiB at most.
            foreach (array_chunk($events, 50) as $some) {
                $notices = array_map(static fn($event) => 'url ' . $path($event), $some);
                $is_told = turnpike_purge($notices) && $is_told;
            }
            return $is_told;
        }
    }
}
