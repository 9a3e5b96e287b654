// The field for the stream's name, which takes a whole stream key too and then keeps the secret part out of sight.

import { button, el, setText, uniqueID } from '../dom.js';
import { field } from '../forms.js';

const namePattern = /^[a-z0-9-]{1,64}$/;
const keyPattern = /^([a-z0-9-]{1,64})\?(?:.*&)?key=[^&\s]+/;

/// `streams` are names to choose from.
export class StreamName {
    #field;
    #key = null;
    #keyNote;
    #keyText = el('span', {});

    constructor({ value, streams }) {
        const listID = uniqueID('streams');
        this.#field = field({
            label: 'Stream name', name: 'stream', value, maxlength: 512, autocapitalize: 'none', autocomplete: 'off',
            spellcheck: 'false', list: streams.length > 0 && listID,
            hint: 'It stands in the address that viewers open. You can paste a stream key, too.',
        });
        this.#keyNote = el('p', { class: 'key-note', hidden: true }, this.#keyText, button('Forget', {
            kind: 'button-small button-quiet', 'aria-label': 'Forget the stream key', onClick: () => this.#setKey(null),
        }));
        this.element = el('div', { class: 'stream-name' }, this.#field.element, this.#keyNote,
            el('datalist', { id: listID }, ...streams.map((name) => el('option', { value: name }))));
        this.#field.input.addEventListener('input', () => this.#onInput());
    }

    get name() {
        return this.#field.input.value.trim();
    }

    /// The name, or the name with its key; null, with the error shown, where it is none.
    checked() {
        const isName = namePattern.test(this.name);
        this.#field.setError(isName ? undefined : 'A stream name has 1 to 64 small letters, digits and hyphens.');
        if (!isName) {
            this.#field.input.focus();
            return null;
        }
        return this.#key ?? this.name;
    }

    setLocked(isLocked) {
        this.#field.input.disabled = isLocked;
        this.#keyNote.querySelector('button').disabled = isLocked;
    }

    #onInput() {
        const found = keyPattern.exec(this.name);
        if (found) {
            // The screen may be shared: the key itself isn't shown any longer than it takes to paste it.
            this.#setKey(found[0]);
            this.#field.input.value = found[1];
        } else if (this.#key !== null) {
            this.#setKey(null);
        }
        this.#field.setError(undefined);
    }

    #setKey(key) {
        this.#key = key;
        this.#keyNote.hidden = key === null;
        setText(this.#keyText, key === null ? '' : 'Uses the stream key that you pasted.');
    }
}
