// The problems there are, each with what can be done about it.

import { button, el, icon } from '../dom.js';
import { refill } from '../view.js';

export class Notes {
    element = el('div', { class: 'notes', role: 'alert' });
    #retry;

    /// `retry` gets what a problem is about: kinds of device, or "udp".
    constructor(retry) {
        this.#retry = retry;
    }

    show(problems) {
        this.element.hidden = problems.length === 0;
        refill(this.element, problems, () => {
            const fragment = document.createDocumentFragment();
            fragment.append(...problems.map((one) => this.#note(one)));
            return fragment;
        });
    }

    #note({ id, kind, title, text, link, retry }) {
        return el('div', { class: `alert note alert-${kind}` }, icon('alert'),
            el('div', { class: 'note-text' }, el('p', { class: 'strong' }, title), el('p', {}, text)),
            retry && button(retry, { kind: 'button-small', onClick: () => this.#retry(id.split('-')) }),
            link && el('a', { class: 'button button-small', href: link[0], target: link[2] }, link[1]));
    }
}
