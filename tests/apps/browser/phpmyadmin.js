// phpMyAdmin as the owner of a database uses it. The dump that goes out and in again is larger than 20 MB.
'use strict';
const fs = require('fs');
const path = require('path');
const { url, folder, journey, expect, expectCache } = require('./user.js');
const { DATABASE, PASSWORD } = process.env;
const rows = 24_000;

async function logIn(page) {
    await page.goto(url);
    await page.fill('#input_username', DATABASE);
    await page.fill('#input_password', PASSWORD);
    await page.click('#input_go');
    await page.locator('#pma_navigation_tree').waitFor();
    page.isMember = true;
}

/** Who knows the address of a page sees the form to log in; two of them get a session each. */
async function knock(newVisitor) {
    for (let i = 0; i < 2; i += 1) {
        const page = await newVisitor();
        expectCache(await page.goto(`${url}/index.php?route=/database/structure&db=${DATABASE}`), 'miss');
        await page.locator('#input_username').waitFor();
        expect((await page.getByText('coaches').count()) === 0, "nothing of the owner's");
    }
}

async function createTable(page) {
    await page.goto(`${url}/index.php?route=/database/structure&db=${DATABASE}`);
    const form = page.locator('#createTableMinimalForm');
    await form.locator('input[name=table]').fill('coaches');
    await form.locator('input[name=num_fields]').fill('2');
    await form.locator('input[type=submit]').click();
    await page.fill('#field_0_1', 'id');
    await page.selectOption('#field_0_2', 'INT');
    await page.fill('#field_1_1', 'load');
    await page.selectOption('#field_1_2', 'TEXT');
    await page.locator('input[name=do_save_data]').click();
    await page.waitForURL(/table=coaches/);
    await page.locator('#pma_navigation_tree').getByText('coaches', { exact: true }).waitFor();
}

async function query(page, sql) {
    await page.goto(`${url}/index.php?route=/database/sql&db=${DATABASE}`);
    await page.locator('#sqlqueryform .CodeMirror').waitFor();
    await page.waitForLoadState('networkidle'); // its scripts come after the page, and the button is theirs
    await page.evaluate((text) => document.querySelector('#sqlqueryform .CodeMirror').CodeMirror.setValue(text), sql);
    await page.click('#button_submit_query');
    await page.locator('.result_query, .sqlqueryresults').first().waitFor();
}

async function runQueries(page) {
    await query(page, `INSERT INTO coaches SELECT seq, RPAD(seq, 900, 'toll ') FROM seq_1_to_${rows}`);
    await page.getByText(`${rows} rows inserted`).waitFor();
    await query(page, 'SELECT COUNT(*) AS how_many, SUM(LENGTH(`load`)) AS bytes FROM coaches');
    await page.locator('table.table_results td', { hasText: `${rows * 900}` }).waitFor();
}

async function exportDump(page) {
    await page.goto(`${url}/index.php?route=/database/export&db=${DATABASE}`);
    const started = page.waitForEvent('download');
    await page.click('#buttonGo');
    const dump = path.join(folder, 'dump.sql');
    await (await started).saveAs(dump);
    const size = fs.statSync(dump).size;
    expect(size > 20 * 1024 * 1024, `a dump over 20 MB, not ${size} bytes`);
    const text = fs.readFileSync(dump, 'utf8');
    expect(text.trimEnd().endsWith('*/;') && text.includes(`(${rows}, '${rows}toll`), 'a dump to its last row and end');
    return dump;
}

async function importDump(page, dump) {
    await query(page, 'DROP TABLE coaches'); // the page asks whether that is meant; so does the dialog
    await page.goto(`${url}/index.php?route=/database/import&db=${DATABASE}`);
    await page.setInputFiles('#input_import_file', dump);
    await page.click('#buttonGo');
    await page.getByText('Import has been successfully finished').waitFor();
    await query(page, 'SELECT COUNT(*) AS how_many, SUM(LENGTH(`load`)) AS bytes FROM coaches');
    await page.locator('table.table_results td', { hasText: `${rows * 900}` }).waitFor();
}

journey(async (newVisitor, step) => {
    const owner = await newVisitor();
    let dump;
    await step('log in', () => logIn(owner));
    await step('create a table', () => createTable(owner));
    await step('strangers stay outside', () => knock(newVisitor));
    await step('run queries', () => runQueries(owner));
    await step('export a dump', async () => (dump = await exportDump(owner)));
    await step('import it again', () => importDump(owner, dump));
});
