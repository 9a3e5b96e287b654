// A part of a page that is loaded: it says that it is loading, what went wrong, or that there is nothing yet.

import { button, el, icon } from './dom.js';

/// A card with a heading. `level` is the heading's.
export function card(title, { level = 2, actions = [], className = '' } = {}, ...children) {
    return el('section', { class: `card ${className}`.trim() },
        el('header', { class: 'card-head' }, el(`h${level}`, {}, title), ...actions), ...children);
}

/// What stands where there is nothing yet.
export function emptyState(iconName, title, text, ...actions) {
    return el('div', { class: 'empty' }, icon(iconName), el('p', { class: 'empty-title' }, title),
        text && el('p', {}, text), ...actions);
}

/// Names and their values [[name, value]].
export function facts(rows, { tight = false } = {}) {
    return el('dl', { class: tight ? 'facts facts-tight' : 'facts' },
        ...rows.map(([term, value]) => el('div', {}, el('dt', {}, term), el('dd', {}, value))));
}

/// A coloured word: kind is ok, warn, bad, live or plain.
export function badge(text, kind = 'plain') {
    return el('span', { class: `badge badge-${kind}` }, text);
}

const drawn = new WeakMap();

/// Fills an element with what `make` makes of a value, only if the value has changed: what somebody has selected in it,
/// or is about to press, stays.
export function refill(element, value, make) {
    const next = JSON.stringify(value);
    if (drawn.get(element) !== next) {
        drawn.set(element, next);
        element.replaceChildren(make(value));
    }
}

// Whoever works by keyboard goes on where they were: at what has the same id as before, else at the panel's heading.
function keepFocus(element, change) {
    const focused = element.contains(document.activeElement) ? document.activeElement : null;
    change();
    if (focused === null || focused === document.activeElement) {
        return;
    }
    const successor = focused.isConnected ? focused : focused.id && document.getElementById(focused.id);
    const heading = element.closest('[role="tabpanel"], main')?.querySelector('h1');
    if (!successor && heading) {
        heading.tabIndex = -1;
    }
    (successor || heading)?.focus();
}

/// Holds what is loaded. What was shown stays when a later load fails, with a note above it.
export class LoadedView {
    #note = el('div', { class: 'load-note', role: 'status' });
    #content = el('div', { class: 'load-content' });
    #isShown = false;

    /// `placeholder` says how high the loading state is: small, medium or large.
    constructor(placeholder = 'medium') {
        this.#content.append(el('div', { class: `skeleton skeleton-${placeholder}` },
            el('span', { class: 'visually-hidden' }, 'Loading')));
        this.element = el('div', { class: 'load', 'aria-busy': 'true' }, this.#note, this.#content);
    }

    /// Shows what was loaded; without arguments what was shown before counts as fresh again.
    show(...nodes) {
        keepFocus(this.element, () => {
            if (nodes.length > 0 || !this.#isShown) {
                this.#content.replaceChildren(...nodes);
            }
            this.#note.replaceChildren();
        });
        this.#isShown = true;
        this.element.setAttribute('aria-busy', 'false');
    }

    fail(error, retry) {
        const again = retry && button('Try again', { kind: 'button-small', onClick: () => retry() });
        const text = this.#isShown ? `This may be out of date. ${error.message}` : error.message;
        const note = el('div', { class: 'alert alert-bad' }, icon('alert'), el('p', {}, text), again);
        // The same failure again: saying it twice would only disturb.
        if (this.#note.textContent !== note.textContent) {
            this.#note.replaceChildren(note);
        }
        if (!this.#isShown) {
            this.#content.replaceChildren();
        }
        this.element.setAttribute('aria-busy', 'false');
    }
}
