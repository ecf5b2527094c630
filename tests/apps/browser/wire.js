// wire.js - what went over the wire to the server under test, as Chromium's network stack tells it: by which protocol
// each answer came, and what the page cache says that it did for it.
'use strict';
const { PROTOCOL, CACHED } = process.env;

/** Of the field Cache-Status (RFC 9211): "hit", the reason why the cache asked the site, or nothing without a cache. */
function cacheOf(status) {
    if (!status) return '';
    return /^Turnpike; hit/.test(status) ? 'hit' : (/; fwd=([a-z-]+)/.exec(status) || ['', status])[1];
}

/** One for a whole journey. `unwanted` collects what should not have come. */
class Wire {
    constructor(url, unwanted) {
        this.url = url;
        this.unwanted = unwanted;
        this.answers = 0;
        this.protocols = new Set();
        this.byCache = {};
    }

    /** Listens to what `page` gets from now on; `page.isMember`: its user is known to the site. */
    async listen(page) {
        const session = await page.context().newCDPSession(page);
        const own = new Set(); // what Chromium had itself
        session.on('Network.requestServedFromCache', ({ requestId }) => own.add(requestId));
        session.on('Network.responseReceived', ({ requestId, response }) => {
            if (!response.url.startsWith(this.url) || response.fromDiskCache || own.has(requestId)) return;
            this.judge(page, response);
        });
        await session.send('Network.enable');
    }

    judge(page, { url, protocol, headers }) {
        this.answers += 1;
        this.protocols.add(protocol);
        if (PROTOCOL && protocol !== PROTOCOL) this.unwanted.push(`${protocol} in place of ${PROTOCOL}: ${url}`);
        const name = Object.keys(headers).find((header) => header.toLowerCase() === 'cache-status');
        const cache = cacheOf(headers[name]);
        this.byCache[cache] = (this.byCache[cache] || 0) + 1;
        if (!CACHED !== !cache) this.unwanted.push(`Cache-Status is "${headers[name]}" in an answer to ${url}`);
        if (page.isMember && cache === 'hit') this.unwanted.push(`a stored answer for one who has logged in: ${url}`);
    }

    toString() {
        const parts = Object.entries(this.byCache).map(([what, count]) => `${what || 'no cache'} ${count}`);
        return `${this.answers} answers over ${[...this.protocols].join(', ')}: ${parts.sort().join(', ')}`;
    }
}

module.exports = { Wire, cacheOf, isCached: Boolean(CACHED) };
