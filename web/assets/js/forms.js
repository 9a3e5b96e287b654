// Forms whose errors stand at the field they are about, told to screen readers too.

import { button, el, icon, uniqueID } from './dom.js';

/// A labelled control. The control is an input, unless `control` brings another element.
export function field({ label, name, hint, control, ...attributes }) {
    const id = uniqueID('field');
    const input = control ?? el('input', { type: 'text', ...attributes });
    const described = [];
    const hintText = hint && el('p', { class: 'field-hint', id: `${id}-hint` }, hint);
    if (hintText) {
        described.push(hintText.id);
    }
    const error = el('p', { class: 'field-error', id: `${id}-error` });
    described.push(error.id);
    input.id = id;
    input.name = name;
    input.setAttribute('aria-describedby', described.join(' '));
    const element = el('div', { class: 'field' }, el('label', { for: id }, label), input, hintText, error);
    return {
        element, input, name,
        setError(text) {
            error.textContent = text ?? '';
            if (text) {
                input.setAttribute('aria-invalid', 'true');
            } else {
                input.removeAttribute('aria-invalid');
            }
        },
    };
}

export function select({ label, name, hint, options, value }) {
    const control = el('select', {}, ...options.map(([key, text]) => el('option', { value: key }, text)));
    if (value !== undefined) {
        control.value = value;
    }
    return field({ label, name, hint, control });
}

export function checkbox({ label, name, hint, checked }) {
    const id = uniqueID('field');
    const input = el('input', { type: 'checkbox', id, name, 'aria-describedby': hint && `${id}-hint` });
    input.checked = Boolean(checked);
    const element = el('div', { class: 'field field-check' }, input,
        el('div', {}, el('label', { for: id }, label),
            hint && el('p', { class: 'field-hint', id: `${id}-hint` }, hint)));
    return { element, input, name, setError() {} };
}

/// A password with a button that shows it.
export function password({ label, name, hint, autocomplete }) {
    const input = el('input', { type: 'password', autocomplete, required: true, spellcheck: 'false' });
    const made = field({ label, name, hint, control: input });
    const wrapper = el('div', { class: 'with-button button-inside' });
    input.replaceWith(wrapper);
    const reveal = button('Show', {
        kind: 'button-small button-quiet', 'aria-pressed': 'false', 'aria-label': `Show ${label.toLowerCase()}`,
        onClick() {
            const isShown = input.type === 'password';
            input.type = isShown ? 'text' : 'password';
            reveal.setAttribute('aria-pressed', String(isShown));
        },
    });
    wrapper.append(input, reveal);
    return made;
}

// What the browser says about a field before it is sent: in the same place as what the server says.
function checkInBrowser(fields) {
    for (const one of fields) {
        one.setError(one.input.validity.valid ? undefined : one.input.validationMessage);
    }
    const wrong = fields.find((one) => !one.input.validity.valid);
    wrong?.input.focus();
    return wrong === undefined;
}

/// A form of fields. `onSubmit` does the work; what it throws is shown at the fields that it names, else above.
export function form({ fields, submit, onSubmit, onCancel, danger = false, intro }) {
    const alert = el('div', { class: 'form-alert', role: 'alert' });
    const send = button(submit, { kind: danger ? 'button-danger' : 'button-primary', type: 'submit' });
    const cancel = onCancel && button('Cancel', { onClick: onCancel });
    const element = el('form', { class: 'form', novalidate: true }, intro, alert, ...fields.map((one) => one.element),
        el('div', { class: 'form-actions' }, cancel, send));

    const showError = (error) => {
        const others = [];
        for (const { field: name, message } of error.fields ?? []) {
            const known = fields.find((one) => one.name === name);
            if (known) {
                known.setError(String(message));
            } else {
                others.push(`${name}: ${message}`);
            }
        }
        const isAtFields = error.fields?.length > 0 && others.length === 0;
        const text = others.length > 0 ? others.join('. ') : error.message;
        if (!isAtFields) {
            alert.replaceChildren(el('div', { class: 'alert alert-bad' }, icon('alert'), el('p', {}, text)));
        }
        element.querySelector('[aria-invalid]')?.focus();
    };

    element.addEventListener('submit', async (event) => {
        event.preventDefault();
        alert.replaceChildren();
        if (!checkInBrowser(fields) || send.disabled) {
            return;
        }
        send.disabled = true;
        element.setAttribute('aria-busy', 'true');
        try {
            await onSubmit(Object.fromEntries(fields.map(({ name, input }) =>
                [name, input.type === 'checkbox' ? input.checked : input.value])));
        } catch (error) {
            showError(error);
        } finally {
            send.disabled = false;
            element.removeAttribute('aria-busy');
        }
    });
    return element;
}
