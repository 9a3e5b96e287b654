// Tables, of which wide ones become a list of cards on a narrow screen.

import { el } from './dom.js';
import { moment } from './format.js';

/// A table. Each column is {title, cell(row), kind?}: kind "number" is set to the right, "time" stays in one line,
/// "minor" does too and is left out where there is little room, "text" may break inside a word as the first column may:
/// names and words of people, "actions" has no visible title.
/// With `cards` each row is a card on a narrow screen, with the first cell as its heading. The roles are said again
/// because a table that is laid out so loses them in some browsers.
export function table({ caption, columns, rows, cards = false }) {
    const head = el('tr', { role: 'row' }, ...columns.map(({ title, kind }) => el('th', {
        role: 'columnheader', scope: 'col', class: kind && `cell-${kind}`,
    }, kind === 'actions' ? el('span', { class: 'visually-hidden' }, title) : title)));
    const body = rows.map((row) => el('tr', { role: 'row' }, ...columns.map(({ title, cell, kind }, index) => {
        const content = cell(row);
        return el(index === 0 ? 'th' : 'td', {
            role: index === 0 ? 'rowheader' : 'cell', scope: index === 0 && 'row', class: kind && `cell-${kind}`,
            'data-title': kind === 'actions' ? undefined : title,
        }, content);
    })));
    return el('table', { role: 'table', class: cards ? 'table table-cards' : 'table' },
        el('caption', { class: 'visually-hidden' }, caption),
        el('thead', { role: 'rowgroup' }, head), el('tbody', { role: 'rowgroup' }, ...body));
}

/// A time of the API in a cell.
export const momentOrNever = (time) => (time ? el('time', { datetime: time }, moment(time)) : 'Never');
