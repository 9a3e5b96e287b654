// Texts that are there to be copied.

import { button, el, uniqueID } from './dom.js';
import { notify } from './notices.js';

const veil = '•'.repeat(24);

/// Puts a text on the clipboard. The clipboard API needs HTTPS or localhost; elsewhere the text is selected in `input`
/// and copied the old way.
async function copy(text, input) {
    try {
        await navigator.clipboard.writeText(text);
        return true;
    } catch {
        const shown = input.value;
        input.value = text;
        input.select();
        const isCopied = document.execCommand('copy');
        input.value = shown;
        return isCopied;
    }
}

/// A text that is there to be copied, in a read-only input with its button. A secret is veiled until it is asked for:
/// who streams may be sharing the screen.
export function copyField({ label, value, secret = false }) {
    const id = uniqueID('copy');
    const input = el('input', {
        type: 'text', id, readonly: true, value: secret ? veil : value, class: 'mono', autocomplete: 'off',
        spellcheck: 'false', on: { focus: () => input.value === value && input.select() },
    });
    const reveal = secret && button('Show', {
        kind: 'button-small', 'aria-pressed': 'false', 'aria-label': `Show ${label}`,
        onClick() {
            const isShown = input.value !== value;
            input.value = isShown ? value : veil;
            reveal.setAttribute('aria-pressed', String(isShown));
        },
    });
    const copyButton = button('Copy', {
        iconName: 'copy', kind: 'button-small', 'aria-label': `Copy ${label}`,
        async onClick() {
            const isCopied = await copy(value, input);
            notify(isCopied ? `${label} copied` : `The browser forbids copying. Select the text of ${label}.`);
        },
    });
    return el('div', { class: 'field' }, el('label', { for: id }, label),
        el('div', { class: 'with-button' }, input, reveal, copyButton));
}
