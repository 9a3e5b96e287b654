// Short notices at the page's edge.

import { el, icon } from './dom.js';

const noticeSeconds = 5;
// There before the first notice: screen readers only read out what changes in a region that they know.
const notices = el('div', { class: 'notices', role: 'status', 'aria-live': 'polite' });
document.body.append(notices);

/// A notice at the page's edge that goes away by itself; screen readers read it out. Close a dialog that is done first.
export function notify(text) {
    // Outside an open modal dialog nothing can be seen or heard.
    const place = document.querySelector('dialog[open]') ?? document.body;
    if (notices.parentElement !== place) {
        place.append(notices);
        // What is still said when the dialog goes away is kept.
        place.addEventListener('close', () => place.contains(notices) && document.body.append(notices), { once: true });
    }
    const notice = el('p', { class: 'notice' }, icon('check'), text);
    notices.replaceChildren(notice);
    setTimeout(() => notice.remove(), noticeSeconds * 1000);
}
