// MediaWiki as its owner and its editors use it, from the wizard on.
'use strict';
const fs = require('fs');
const path = require('path');
const { url, folder, journey, expect, expectCache } = require('./user.js');
const { DATABASE, PASSWORD, SOCKET } = process.env;
const article = '/wiki/Tolls_%26_fares/1820';
const history = '/index.php?title=Tolls_%26_fares/1820&action=history';

/** The wizard gives its LocalSettings.php to the owner, who adds to it and puts it in its place. */
async function install(page) {
    const next = () => page.click('[name=submit-continue]');
    await page.goto(url);
    await page.getByRole('link', { name: 'set up the wiki' }).click();
    await next(); // the languages
    await page.getByRole('heading', { name: 'Welcome to MediaWiki' }).waitFor();
    await next();
    await page.fill('[name=mysql_wgDBserver]', `localhost:${SOCKET}`);
    await page.fill('[name=mysql_wgDBname]', DATABASE);
    await page.fill('[name=mysql__InstallUser]', DATABASE);
    await page.fill('[name=mysql__InstallPassword]', PASSWORD);
    await next();
    await next(); // the same account for the wiki itself
    await page.fill('[name=config_wgSitename]', 'Toll house');
    await page.fill('[name=config__AdminName]', 'Keeper');
    await page.fill('[name=config__AdminPassword]', 'a gate, a lamp, a bell');
    await page.fill('[name=config__AdminPasswordConfirm]', 'a gate, a lamp, a bell');
    await page.check('[name=config__SkipOptional][value=skip]');
    await next();
    await next(); // begin
    await page.getByText('Database was successfully set up').waitFor();
    const given = page.waitForEvent('download');
    await next();
    const settings = path.join(folder, 'site', 'LocalSettings.php');
    await (await given).saveAs(settings);
    fs.appendFileSync(settings, fs.readFileSync(path.join(folder, 'site.settings')));
}

async function logIn(page) {
    const first = await page.goto(url);
    expect(first.ok() && page.url() === `${url}/wiki/Main_Page`, `the main page, not ${page.url()}`);
    await page.getByRole('link', { name: 'Log in' }).first().click();
    await page.fill('#wpName1', 'Keeper');
    await page.fill('#wpPassword1', 'a gate, a lamp, a bell');
    await page.click('#wpLoginAttempt');
    await page.getByRole('link', { name: 'Log out' }).waitFor({ state: 'attached' });
    page.isMember = true;
}

/** Somebody who was never here before opens `address`; `cache` is what the page cache does for them. */
async function glance(newVisitor, address, cache) {
    const page = await newVisitor();
    expectCache(await page.goto(`${url}${address}`), cache);
    await page.getByRole('link', { name: 'Log in' }).first().waitFor({ state: 'attached' });
    expect((await page.getByRole('link', { name: 'Log out' }).count()) === 0, `a stranger's page at ${address}`);
    return page;
}

/** The page and its history are stored for strangers; the editor has pages of their own, and leaves none behind. */
async function lookInBefore(newVisitor, editor) {
    for (const cache of ['miss', 'hit']) {
        await (await glance(newVisitor, article, cache)).getByText('A coach pays ninepence').waitFor();
        const versions = (await glance(newVisitor, history, cache)).locator('#pagehistory li');
        expect((await versions.count()) === 1, 'one version');
    }
    expectCache(await editor.goto(`${url}${article}`), 'bypass');
    await editor.getByRole('link', { name: 'Log out' }).waitFor({ state: 'attached' });
    await glance(newVisitor, article, 'hit');
}

async function lookInAfter(newVisitor) {
    for (const cache of ['miss', 'hit']) {
        await (await glance(newVisitor, article, cache)).getByText('A coach pays a shilling').waitFor();
        const versions = (await glance(newVisitor, history, cache)).locator('#pagehistory li');
        expect((await versions.count()) === 2, 'two versions');
    }
}

async function write(page, text, summary) {
    await page.fill('#wpTextbox1', text);
    await page.fill('#wpSummary', summary);
    await page.click('#wpSave');
    await page.locator('#mw-content-text .mw-parser-output').waitFor();
}

async function makePage(page) {
    page.allowed.add(404); // a page that is not there yet
    await page.goto(`${url}/wiki/Tolls_&_fares/1820`);
    page.allowed.delete(404);
    await page.locator('#ca-edit a').click();
    await write(page, 'A coach pays ninepence.\n\nA goose goes [[Free passage|free]].', 'the table of 1820');
    await page.getByText('A coach pays ninepence').waitFor();
    expect(page.url() === `${url}${article}`, `the page's own address, not ${page.url()}`);
}

async function editPage(page) {
    await page.locator('#ca-edit a').click();
    await page.locator('#wpTextbox1').waitFor();
    await write(page, 'A coach pays a shilling.\n\nA goose goes [[Free passage|free]].', 'dearer');
    await page.getByText('A coach pays a shilling').waitFor();
}

async function seeDiff(page) {
    await page.goto(`${url}${article}`);
    await page.locator('#ca-history a').click();
    expect((await page.locator('#pagehistory li').count()) === 2, 'two versions');
    await page.locator('.mw-history-compareselectedversions-button').first().click();
    expect((await page.locator('td.diff-deletedline').innerText()).includes('ninepence'), 'what was there');
    expect((await page.locator('td.diff-addedline').innerText()).includes('a shilling'), 'what came instead');
}

async function search(page) {
    await page.goto(`${url}/wiki/Special:Search?search=${encodeURIComponent('Tolls & fares/1820')}&fulltext=1`);
    await page.locator('.searchresults').getByRole('link', { name: 'Tolls & fares/1820' }).first().waitFor();
    const styled = await page.evaluate(() => getComputedStyle(document.querySelector('#p-logo, #mw-panel')).position);
    expect(styled === 'absolute', 'style sheets from load.php');
}

async function askApi(page) {
    const ask = (address) => page.evaluate(async (at) => (await fetch(at)).json(), address);
    const parsed = await ask('/api.php?action=parse&page=Tolls_%26_fares/1820&format=json');
    expect(parsed.parse.text['*'].includes('a shilling'), 'the text from api.php');
    expect((await ask('/rest.php/v1/page/Main_Page')).title === 'Main Page', 'a title from rest.php, by its path');
}

journey(async (newVisitor, step) => {
    const editor = await newVisitor();
    const reader = await newVisitor();
    await step('the install wizard', () => install(editor));
    await step('log in', () => logIn(editor));
    await step('make a page', () => makePage(editor));
    await step('strangers read it, the editor has a page of their own', () => lookInBefore(newVisitor, editor));
    await step('edit it', () => editPage(editor));
    await step('strangers see the edit', () => lookInAfter(newVisitor));
    await step('see the difference', () => seeDiff(reader));
    await step('search', () => search(reader));
    await step('ask the interfaces for programs', () => askApi(reader));
});
