// The login page.

import { el, icon } from './dom.js';
import { field, form, password } from './forms.js';
import { send } from './http.js';
import * as session from './session.js';

const reasons = {
    expired: 'Your session has ended. Log in again to go on.',
    'logged-out': 'You are logged out.',
};

const query = new URLSearchParams(location.search);
const next = session.safeNext(query.get('next'));

async function leaveIfLoggedIn() {
    const stored = session.current();
    if (!stored) {
        return;
    }
    try {
        await send('/api/auth/me', { token: stored.token });
        location.replace(next);
    } catch (error) {
        if (error.status === 401) {
            session.clear();
        }
    }
}

function showForm(place) {
    const reason = reasons[query.get('reason')];
    place.replaceChildren(form({
        intro: reason && el('div', { class: 'alert alert-plain', role: 'status' }, icon('info'), el('p', {}, reason)),
        fields: [
            field({
                label: 'User name', name: 'username', autocomplete: 'username', autocapitalize: 'none',
                spellcheck: 'false', required: true, maxlength: 64,
            }),
            password({ label: 'Password', name: 'password', autocomplete: 'current-password' }),
        ],
        submit: 'Log in',
        async onSubmit({ username, password: secret }) {
            const answer = await send('/api/auth/login', { method: 'POST', body: { username, password: secret } });
            session.save(answer);
            location.replace(next);
        },
    }));
    place.querySelector('input').focus();
}

showForm(document.getElementById('login-form'));
leaveIfLoggedIn();
