// MediaWiki as its editors use it.
'use strict';
const { url, journey, expect } = require('./user.js');

async function logIn(page) {
    const first = await page.goto(url);
    expect(first.ok() && page.url() === `${url}/wiki/Main_Page`, `the main page, not ${page.url()}`);
    await page.getByRole('link', { name: 'Log in' }).first().click();
    await page.fill('#wpName1', 'Keeper');
    await page.fill('#wpPassword1', 'a gate, a lamp, a bell');
    await page.click('#wpLoginAttempt');
    await page.getByRole('link', { name: 'Log out' }).waitFor({ state: 'attached' });
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
    expect(page.url() === `${url}/wiki/Tolls_%26_fares/1820`, `the page's own address, not ${page.url()}`);
}

async function editPage(page) {
    await page.locator('#ca-edit a').click();
    await page.locator('#wpTextbox1').waitFor();
    await write(page, 'A coach pays a shilling.\n\nA goose goes [[Free passage|free]].', 'dearer');
    await page.getByText('A coach pays a shilling').waitFor();
}

async function seeDiff(page) {
    await page.goto(`${url}/wiki/Tolls_%26_fares/1820`);
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
    const answer = await page.request.get(`${url}/api.php?action=parse&page=Tolls_%26_fares/1820&format=json`);
    const text = (await answer.json()).parse.text['*'];
    expect(text.includes('a shilling'), 'the text from api.php');
    const rest = await page.request.get(`${url}/rest.php/v1/page/Main_Page`);
    expect((await rest.json()).title === 'Main Page', 'a title from rest.php, by its path');
}

journey(async (newVisitor, step) => {
    const editor = await newVisitor();
    const reader = await newVisitor();
    await step('log in', () => logIn(editor));
    await step('make a page', () => makePage(editor));
    await step('edit it', () => editPage(editor));
    await step('see the difference', () => seeDiff(reader));
    await step('search', () => search(reader));
    await step('ask the interfaces for programs', () => askApi(reader));
});
