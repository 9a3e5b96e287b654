// The account menu: who is logged in, their password, and the way out.

import * as api from './api.js';
import { openDialog } from './dialogs.js';
import { button, el, icon } from './dom.js';
import { form, password } from './forms.js';
import { role } from './format.js';
import { notify } from './notices.js';
import { logOut } from './session.js';

function changePassword() {
    openDialog('Change your password', (close) => form({
        fields: [
            password({ label: 'Current password', name: 'current_password', autocomplete: 'current-password' }),
            password({
                label: 'New password', name: 'new_password', autocomplete: 'new-password', hint: '8 to 128 characters.',
            }),
        ],
        intro: el('p', { class: 'muted' }, 'You stay logged in here, and are logged out everywhere else.'),
        submit: 'Change password', onCancel: close,
        async onSubmit({ current_password: current, new_password: wanted }) {
            await api.changePassword(current, wanted);
            close();
            notify('Password changed');
        },
    }));
}

export function setUpAccount(place, user) {
    const list = el('div', { class: 'account-list', id: 'account-list', hidden: true },
        button('Change password', {
            iconName: 'lock', kind: 'button-row',
            onClick() {
                close();
                // The entry is hidden now: focus comes back from the dialog to what can be seen.
                handle.focus();
                changePassword();
            },
        }),
        button('Log out', { iconName: 'leave', kind: 'button-row', onClick: logOut }));
    const handle = el('button', {
        type: 'button', class: 'account-button', 'aria-expanded': 'false', 'aria-controls': 'account-list',
        'aria-label': `Account: ${user.username}, ${role(user.role)}`,
    },
    el('span', { class: 'avatar', 'aria-hidden': 'true' }, user.username.slice(0, 1).toUpperCase()),
    el('span', { class: 'account-text' },
        el('span', { class: 'account-name' }, user.username), el('span', { class: 'account-role' }, role(user.role))),
    icon('chevron'));

    function close() {
        list.hidden = true;
        handle.setAttribute('aria-expanded', 'false');
    }
    handle.addEventListener('click', () => {
        list.hidden = !list.hidden;
        handle.setAttribute('aria-expanded', String(!list.hidden));
    });
    place.addEventListener('keydown', (event) => {
        if (event.key === 'Escape' && !list.hidden) {
            close();
            handle.focus();
        }
    });
    place.addEventListener('focusout', (event) => {
        if (event.relatedTarget && !place.contains(event.relatedTarget)) {
            close();
        }
    });
    document.addEventListener('pointerdown', (event) => place.contains(event.target) || close());
    place.replaceChildren(handle, list);
}
