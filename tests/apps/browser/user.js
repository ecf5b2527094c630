// user.js - somebody with a browser: Debian's chromium, headless, and a journey of named steps. The journey fails at
// the first step that does not come out, with a picture of what the user saw, and at its end when the server has
// answered with an error that no step asked for, by another protocol, or with a stored page that was not the user's.
'use strict';
const fs = require('fs');
const path = require('path');
const { chromium } = require('playwright-core');
const { Wire, cacheOf, isCached } = require('./wire.js');

const [url, folder] = process.argv.slice(2);
if (!folder) {
    console.error('usage: node JOURNEY.js URL FOLDER');
    process.exit(2);
}

/** A visitor: a browser context of its own, cookies and all. `unwanted` collects what the server did wrong. */
async function visitor(browser, unwanted, wire) {
    const context = await browser.newContext({ ignoreHTTPSErrors: true, acceptDownloads: true });
    const page = await context.newPage();
    page.setDefaultTimeout(180_000);
    page.setDefaultNavigationTimeout(180_000);
    page.allowed = new Set();
    page.isMember = false;
    await wire.listen(page);
    page.on('response', (answer) => {
        if (answer.status() < 400 || !answer.url().startsWith(url)) return;
        if (page.allowed.has(answer.status())) return;
        unwanted.push(`${answer.status()} ${answer.request().method()} ${answer.url()}`);
    });
    page.on('requestfailed', (request) => {
        // What a page asked for is given up when the user goes on to the next one.
        const why = request.failure().errorText;
        if (request.url().startsWith(url) && why !== 'net::ERR_ABORTED') unwanted.push(`${why} ${request.url()}`);
    });
    page.on('pageerror', (error) => unwanted.push(`script on ${page.url()}: ${error.message}`));
    page.on('dialog', (dialog) => dialog.accept());
    return page;
}

/** Runs `steps(newVisitor, step)`; `step(name, function)` is one thing that the user does. */
async function journey(steps) {
    const browser = await chromium.launch({
        executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
        // Nothing but the server under test is asked.
        args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage',
            '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'],
    });
    const unwanted = [];
    const wire = new Wire(url, unwanted);
    const pages = [];
    const newVisitor = async () => {
        pages.push(await visitor(browser, unwanted, wire));
        return pages[pages.length - 1];
    };
    let name = 'begin';
    const step = async (what, action) => {
        name = what;
        const begin = Date.now();
        await action();
        console.log(`done: ${what} (${Date.now() - begin} ms)`);
    };
    try {
        await steps(newVisitor, step);
        console.log(`${wire}`);
        expect(wire.answers > 0, 'answers');
        if (unwanted.length > 0) throw new Error(`the server answered with errors:\n${unwanted.join('\n')}`);
        console.log('journey complete');
    } catch (error) {
        console.log(`FAILED: ${name}: ${error.message}`);
        for (const [i, page] of pages.entries()) {
            const picture = path.join(folder, `failed-${i}.png`);
            await page.screenshot({ path: picture }).catch(() => {});
            console.log(`at ${page.url()}, picture in ${picture}\n${unwanted.join('\n')}`);
            fs.writeFileSync(path.join(folder, `failed-${i}.html`), await page.content().catch(() => ''));
        }
        process.exitCode = 1;
    } finally {
        await browser.close();
    }
}

/** Fails when it does not hold. */
function expect(holds, what) {
    if (!holds) throw new Error(`expected: ${what}`);
}

/** What the page cache did for `answer`, where there is one: "hit", "miss", "bypass". */
function expectCache(answer, what) {
    const status = answer.headers()['cache-status'];
    if (isCached) expect(cacheOf(status) === what, `${what} at ${answer.url()}, not "${status}"`);
}

module.exports = { url, folder, journey, expect, expectCache, isCached };
