// A number with its name.

import { el, icon, setText } from './dom.js';
import { unknown } from './format.js';

export function tile(title, iconName) {
    const value = el('p', { class: 'tile-value' }, unknown);
    const element = el('div', { class: 'tile', role: 'group', 'aria-label': title },
        el('p', { class: 'tile-title' }, icon(iconName), el('span', {}, title)), value);
    return { element, set: (text) => setText(value, text) };
}
