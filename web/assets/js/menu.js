// A button with a menu of choices of which one is checked: the menu button of the ARIA Authoring Practices.

import { el, icon, setText, uniqueID } from './dom.js';

/// `choose` gets the value of the choice that was taken.
export function choiceMenu(label, choose) {
    const id = uniqueID('menu');
    const current = el('span', {});
    const handle = el('button', {
        type: 'button', class: 'control control-text', 'aria-haspopup': 'menu', 'aria-expanded': 'false',
        'aria-controls': id,
    }, icon('settings'), el('span', { class: 'visually-hidden' }, `${label}: `), current);
    const list = el('div', { role: 'menu', class: 'menu', id, 'aria-label': label, hidden: true });
    const element = el('div', { class: 'menu-anchor' }, handle, list);
    let drawn = '';

    const items = () => [...list.children];
    const open = (index) => {
        list.hidden = false;
        handle.setAttribute('aria-expanded', 'true');
        items().at(index)?.focus();
    };
    const close = () => {
        list.hidden = true;
        handle.setAttribute('aria-expanded', 'false');
    };
    const checked = () => Math.max(0, items().findIndex((item) => item.getAttribute('aria-checked') === 'true'));

    handle.addEventListener('click', () => (list.hidden ? open(checked()) : close()));
    handle.addEventListener('keydown', (event) => {
        if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
            event.preventDefault();
            open(event.key === 'ArrowDown' ? 0 : -1);
        }
    });
    list.addEventListener('keydown', (event) => {
        const index = items().indexOf(document.activeElement);
        const move = { ArrowDown: index + 1, ArrowUp: index - 1, Home: 0, End: -1 }[event.key];
        if (event.key === 'Escape') {
            event.stopPropagation();
            close();
            handle.focus();
        } else if (move !== undefined) {
            event.preventDefault();
            items().at(move === items().length ? 0 : move).focus();
        }
    });
    element.addEventListener('focusout', (event) => element.contains(event.relatedTarget) || close());
    // Safari doesn't focus a button that is clicked, so leaving isn't seen there.
    document.addEventListener('pointerdown', (event) => element.contains(event.target) || close());

    return {
        element,
        /// Shows choices [[value, text]]; `shown` is what the button says instead of the checked choice's text.
        set(choices, value, shown) {
            setText(current, shown ?? choices.find(([one]) => one === value)?.[1] ?? '');
            const next = JSON.stringify([choices, value]);
            if (next === drawn) {
                return;
            }
            drawn = next;
            const focused = items().indexOf(document.activeElement);
            list.replaceChildren(...choices.map(([one, text]) => el('button', {
                type: 'button', role: 'menuitemradio', tabindex: '-1', 'aria-checked': String(one === value),
                on: {
                    click() {
                        choose(one);
                        close();
                        handle.focus();
                    },
                },
            }, icon('check'), el('span', {}, text))));
            if (focused >= 0) {
                items().at(Math.min(focused, choices.length - 1)).focus();
            }
        },
    };
}
