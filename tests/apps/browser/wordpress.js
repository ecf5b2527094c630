// WordPress as its owner and a visitor use it, from the wizard on. DATABASE, PASSWORD and SOCKET are what the owner was
// told for the wizard's first page; without them the site has its wp-config.php already.
'use strict';
const { url, journey, expect, expectCache } = require('./user.js');
const picture = '/usr/share/wordpress/wp-content/themes/twentytwentythree/screenshot.png';
const { DATABASE, PASSWORD, SOCKET } = process.env;

async function install(page) {
    await page.goto(url);
    // Where WordPress's own servers are reached, it asks for a language first.
    const language = page.locator('#language-continue');
    if (await language.isVisible()) await language.click();
    if (DATABASE) {
        await page.getByRole('link', { name: /let.s go/i }).click();
        await page.fill('#dbname', DATABASE);
        await page.fill('#uname', DATABASE);
        await page.fill('#pwd', PASSWORD);
        await page.fill('#dbhost', `localhost:${SOCKET}`);
        await page.getByRole('button', { name: 'Submit' }).click();
        await page.getByRole('link', { name: 'Run the installation' }).click();
    }
    // The page's script writes a password of its own into the form, some time after it came.
    await page.waitForFunction(() => document.querySelector('#pass1').value !== '');
    await page.fill('#weblog_title', 'Toll house');
    await page.fill('#user_login', 'keeper');
    await page.fill('#pass1', 'a gate, a lamp, a bell');
    await page.fill('#admin_email', 'keeper@example.org');
    await page.click('#submit');
    await page.getByText('WordPress has been installed').waitFor();
}

async function logIn(page) {
    await page.goto(`${url}/wp-admin`);
    await page.locator('#user_login:focus').waitFor(); // the page's script moves there some time after it came
    await page.fill('#user_login', 'keeper');
    await page.fill('#user_pass', 'a gate, a lamp, a bell');
    await page.click('#wp-submit');
    await page.locator('#dashboard-widgets').waitFor();
    expect(new URL(page.url()).pathname === '/wp-admin/', `the dashboard at /wp-admin/, not ${page.url()}`);
    page.isMember = true;
}

/** Somebody who was never here before opens `address`; `cache` is what the page cache does for them. */
async function glance(newVisitor, address, cache) {
    const page = await newVisitor();
    expectCache(await page.goto(`${url}${address}`), cache);
    expect((await page.locator('#wpadminbar').count()) === 0, `a stranger's page at ${address}`);
    return page;
}

async function lookInBefore(newVisitor) {
    for (const cache of ['miss', 'hit']) {
        const page = await glance(newVisitor, '/', cache);
        expect((await page.getByText('The gate at dusk').count()) === 0, 'a front page without the post');
    }
}

/** The new post is seen at once. Its owner has a page of their own, and leaves none behind. */
async function lookInAfter(newVisitor, owner) {
    await (await glance(newVisitor, '/', 'miss')).getByRole('link', { name: 'The gate at dusk' }).first().waitFor();
    await glance(newVisitor, '/the-gate-at-dusk/', 'miss');
    await glance(newVisitor, '/the-gate-at-dusk/', 'hit');
    expectCache(await owner.goto(`${url}/the-gate-at-dusk/`), 'bypass');
    await owner.locator('#wp-admin-bar-edit').waitFor();
    await glance(newVisitor, '/the-gate-at-dusk/', 'hit');
}

async function choosePermalinks(page) {
    await page.goto(`${url}/wp-admin/options-permalink.php`);
    await page.check('input[value="/%postname%/"]');
    await page.click('#submit');
    await page.getByText('Permalink structure updated').waitFor();
}

/**
 * It comes over whoever opens the editor for the first time, some time after the editor itself, and may be there again, or
 * still, while that sets itself up.
 */
async function closeWelcome(page) {
    const guide = page.locator('.edit-post-welcome-guide');
    const close = () => guide.getByRole('button', { name: /^Close/ }).click();
    await close();
    await page.addLocatorHandler(guide, close, { noWaitAfter: true });
}

/** The list opens for what is typed once the editor knows its blocks, not for what stood there before. */
async function chooseImage(page, file) {
    const choice = page.getByRole('option', { name: 'Image', exact: true });
    for (let tries = 0; tries < 5; ++tries) {
        for (let i = 0; tries > 0 && i < '/image'.length; ++i) await page.keyboard.press('Backspace');
        await page.keyboard.type('/image');
        const chosen = choice.click({ timeout: 20000 }).then(() => file.waitFor({ state: 'attached', timeout: 20000 }));
        if (await chosen.then(() => true, () => false)) return;
    }
    expect(false, 'a choice of blocks for what was typed');
}

/** The editor is still setting itself up when it first shows: what is typed then may be lost in part. */
async function write(page, block, words) {
    for (let tries = 0; tries < 5; ++tries) {
        await block.click();
        await page.keyboard.press('End');
        for (let left = (await block.innerText()).trim().length; left > 0; --left) await page.keyboard.press('Backspace');
        await page.keyboard.type(words);
        if ((await block.innerText()).trim() === words) return;
    }
    expect(false, `"${words}" as it was typed`);
}

async function writePost(page) {
    await page.goto(`${url}/wp-admin/post-new.php`);
    await page.locator('.wp-block-post-title').waitFor();
    await closeWelcome(page);
    await write(page, page.locator('.wp-block-post-title'), 'The gate at dusk');
    await page.keyboard.press('Enter');
    await write(page, page.locator('[data-type="core/paragraph"]').first(), 'A coach and four paid ninepence.');
    await page.keyboard.press('Enter');
    const file = page.locator('.block-editor-media-placeholder input[type=file]');
    await chooseImage(page, file);
    await file.setInputFiles(picture);
    await page.locator('.wp-block-image img[src*="/wp-content/uploads/"]').waitFor();
    await page.locator('.components-spinner').waitFor({ state: 'detached' });
    await page.click('.editor-post-publish-panel__toggle');
    await page.click('.editor-post-publish-panel .editor-post-publish-button');
    await page.getByText('is now live').waitFor();
    const address = await page.locator('.post-publish-panel__postpublish-post-address input').inputValue();
    expect(address === `${url}/the-gate-at-dusk/`, `a pretty address, not ${address}`);
    return page.url();
}

async function readPost(page) {
    await page.goto(`${url}/`);
    await page.getByRole('link', { name: 'The gate at dusk' }).first().click();
    await page.getByText('A coach and four').waitFor();
    const image = page.locator('.wp-block-image img');
    await image.scrollIntoViewIfNeeded();
    await image.evaluate((i) => i.decode());
    expect(await image.evaluate((i) => i.naturalWidth > 300), 'the picture');
    await page.fill('#author', 'Carter');
    await page.fill('#email', 'carter@example.org');
    await page.fill('#comment', 'Ninepence is too much.');
    await page.check('#wp-comment-cookies-consent');
    await page.click('#commentform input[type=submit]');
    await page.getByText('awaiting moderation').waitFor();
}

/**
 * Who has commented sees their name and what nobody has approved yet; nobody else does. That the comment led to the page
 * (Location) has made the cache forget it.
 */
async function lookAtComments(newVisitor, reader) {
    expectCache(await reader.goto(`${url}/the-gate-at-dusk/`), 'bypass');
    await reader.getByText('Ninepence is too much').waitFor();
    expect((await reader.inputValue('#author')) === 'Carter', 'the name of who has commented');
    for (const cache of ['miss', 'hit']) {
        const page = await glance(newVisitor, '/the-gate-at-dusk/', cache);
        expect((await page.getByText('Ninepence is too much').count()) === 0, 'no comment that waits for approval');
        expect((await page.inputValue('#author')) === '', 'no name of somebody else');
    }
}

/** After a change a stranger gets a new page with `text`, and the next one the same page. */
async function seeAtOnce(newVisitor, text) {
    for (const cache of ['miss', 'hit'])
        await (await glance(newVisitor, '/the-gate-at-dusk/', cache)).getByText(text).waitFor();
}

async function approve(page) {
    await page.goto(`${url}/wp-admin/edit-comments.php?comment_status=moderated`);
    const row = page.locator('#the-comment-list tr', { hasText: 'Ninepence' });
    await row.hover();
    const done = page.waitForResponse((answer) => /action=dim-comment/.test(answer.request().postData() || ''));
    await row.locator('.approve a').click();
    await (await done).finished();
    await row.waitFor({ state: 'hidden' });
}

async function editPost(page, editor) {
    await page.goto(editor);
    await page.locator('p.wp-block-paragraph, p[data-type="core/paragraph"]').first().click();
    await page.keyboard.press('End');
    await page.keyboard.type(' The goose went free.');
    await page.locator('.editor-post-publish-button').click();
    await page.getByText('Post updated').first().waitFor();
}

async function seeChanges(page) {
    await page.goto(`${url}/the-gate-at-dusk`); // sent on to the address with the slash
    expect(page.url() === `${url}/the-gate-at-dusk/`, `the canonical address, not ${page.url()}`);
    await page.getByText('The goose went free').waitFor();
    await page.getByText('Ninepence is too much').waitFor();
    await page.goto(`${url}/?s=goose`);
    await page.getByRole('link', { name: 'The gate at dusk' }).first().waitFor();
    await page.goto(`${url}/?s=elephant`);
    expect((await page.getByRole('link', { name: 'The gate at dusk' }).count()) === 0, 'no post about elephants');
    page.allowed.add(404);
    const missing = await page.goto(`${url}/no-such-post/`);
    const title = await page.title();
    expect(missing.status() === 404 && title.includes('Toll house'),
        `WordPress's own page for 404, not ${missing.status()} "${title}"`);
}

journey(async (newVisitor, step) => {
    const owner = await newVisitor();
    const reader = await newVisitor();
    let editor;
    await step('the install wizard', () => install(owner));
    await step('log in', () => logIn(owner));
    await step('pretty permalinks', () => choosePermalinks(owner));
    await step('strangers look in', () => lookInBefore(newVisitor));
    await step('write a post with an uploaded picture', async () => (editor = await writePost(owner)));
    await step('strangers see it, the owner has a page of their own', () => lookInAfter(newVisitor, owner));
    await step('read it and comment', () => readPost(reader));
    await step('nobody else sees the comment', () => lookAtComments(newVisitor, reader));
    await step('approve the comment', () => approve(owner));
    await step('strangers see the comment', () => seeAtOnce(newVisitor, 'Ninepence is too much'));
    await step('edit the post', () => editPost(owner, editor));
    await step('strangers see the edit', () => seeAtOnce(newVisitor, 'The goose went free'));
    await step('see the changes, search, miss', () => seeChanges(reader));
});
