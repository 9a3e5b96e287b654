// Modal dialogs.

import { button, el, icon, uniqueID } from './dom.js';
import { form } from './forms.js';

/// Opens a modal dialog. `build` gets a function that closes it and returns what stands in it.
export function openDialog(title, build, { wide = false } = {}) {
    const id = uniqueID('dialog');
    const dialog = el('dialog', { class: wide ? 'dialog dialog-wide' : 'dialog', 'aria-labelledby': id });
    const close = () => dialog.close();
    dialog.append(
        el('header', { class: 'dialog-head' }, el('h2', { id }, title),
            el('button', {
                type: 'button', class: 'button button-icon button-quiet', 'aria-label': 'Close', on: { click: close },
            }, icon('close'))),
        el('div', { class: 'dialog-body' }, ...[build(close)].flat()));
    dialog.addEventListener('close', () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
    // The close button comes first in the page, but is not what a dialog is opened for.
    dialog.querySelector('.dialog-body :is(input, select, button, [tabindex])')?.focus();
    return dialog;
}

/// Asks before something that can't be undone. `work` does it; a failure is shown in the dialog. `done` is called once
/// it is closed: focus is back then, and a notice isn't lost with the dialog.
export function confirm({ title, text, action, work, done }) {
    openDialog(title, (close) => form({
        fields: [], submit: action, danger: true, intro: el('p', {}, text), onCancel: close,
        async onSubmit() {
            await work();
            close();
            done();
        },
    }));
}
