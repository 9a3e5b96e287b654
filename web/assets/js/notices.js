// Short notices at the page's edge.

import { el, icon } from './dom.js';

const noticeSeconds = 5;
let notices;

/// A notice at the page's edge that goes away by itself; screen readers read it out.
export function notify(text) {
    if (!notices) {
        notices = el('div', { class: 'notices', role: 'status', 'aria-live': 'polite' });
    }
    // Outside an open modal dialog nothing can be seen or heard.
    (document.querySelector('dialog[open]') ?? document.body).append(notices);
    const notice = el('p', { class: 'notice' }, icon('check'), text);
    notices.replaceChildren(notice);
    setTimeout(() => notice.remove(), noticeSeconds * 1000);
}
