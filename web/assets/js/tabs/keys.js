// Keys: who may publish which stream, and the OBS settings to copy. For admins and streamers.

import * as api from '../api.js';
import { confirm, openDialog } from '../dialogs.js';
import { button, el } from '../dom.js';
import { field, form, select } from '../forms.js';
import * as format from '../format.js';
import { notify } from '../notices.js';
import { obsSettings } from '../obs.js';
import { momentOrNever, table } from '../tables.js';
import { badge, emptyState, LoadedView } from '../view.js';

const states = { active: ['Active', 'ok'], expired: ['Expired', 'warn'], revoked: ['Revoked', 'bad'] };
const dayLength = 24 * 3600_000;
const lifetimes = [['', 'Never'], ['1', 'In 1 day'], ['7', 'In 7 days'], ['30', 'In 30 days'], ['365', 'In 1 year']];

function showSettings(key) {
    openDialog('OBS settings', (close) => obsSettings(key, close), { wide: true });
}

async function openKey(key) {
    try {
        showSettings(await api.key(key.id));
    } catch (error) {
        notify(error.message);
    }
}

async function newKey(self, reload) {
    const fields = [
        field({
            label: 'Stream name', name: 'stream', required: true, maxlength: 64, value: 'stream',
            pattern: '[a-z0-9\\-]+', title: 'Small letters, digits and hyphens', autocapitalize: 'none',
            autocomplete: 'off', spellcheck: 'false',
            hint: 'What viewers see in the address: small letters, digits and hyphens.',
        }),
        field({
            label: 'Label', name: 'label', maxlength: 100, autocomplete: 'off',
            hint: 'A note for yourself, such as the machine it is for. May stay empty.',
        }),
        select({ label: 'Expires', name: 'days', options: lifetimes, value: '' }),
    ];
    if (self.role === 'admin') {
        try {
            const { users } = await api.users();
            fields.push(select({
                label: 'For', name: 'user_id', value: self.id,
                options: users.filter(({ role, disabled }) => role !== 'viewer' && !disabled)
                    .map(({ id, username }) => [id, id === self.id ? `${username} (you)` : username]),
            }));
        } catch (error) {
            notify(error.message);
            return;
        }
    }
    openDialog('New stream key', (close) => form({
        fields, submit: 'Create key', onCancel: close,
        async onSubmit({ stream, label, days, user_id: owner }) {
            const expires = days && `${new Date(Date.now() + Number(days) * dayLength).toISOString().slice(0, 19)}Z`;
            const key = await api.addKey({
                stream, ...(label && { label }), ...(expires && { expires_at: expires }),
                ...(owner && owner !== self.id && { user_id: owner }),
            });
            close();
            reload();
            showSettings(key);
        },
    }));
}

function revoke(key, reload) {
    confirm({
        title: 'Revoke this key?', action: 'Revoke key',
        text: `Nobody can publish ${key.stream} with it any more. A stream that uses it ends. This can't be undone.`,
        work: () => api.revokeKey(key.id),
        done() {
            notify('Key revoked');
            reload();
        },
    });
}

function actions(key, reload) {
    // Names the key for who can't see the row.
    const name = key.label || `${key.stream} of ${key.username}`;
    // The ids find the buttons again once the list is loaded anew.
    return key.status === 'active' && el('div', { class: 'row-actions' },
        button('OBS settings', {
            id: `settings-${key.id}`, kind: 'button-small', 'aria-label': `OBS settings of ${name}`,
            onClick: () => openKey(key),
        }),
        button('Revoke', {
            id: `revoke-${key.id}`, kind: 'button-small button-danger-quiet', 'aria-label': `Revoke ${name}`,
            onClick: () => revoke(key, reload),
        }));
}

const keyTable = (keys, self, reload) => table({
    caption: 'Stream keys', rows: keys, cards: true,
    columns: [
        { title: 'Stream', cell: ({ stream }) => el('span', { class: 'strong' }, stream) },
        { title: 'Label', kind: 'text', cell: ({ label }) => label || format.unknown },
        self.role === 'admin' && { title: 'User', kind: 'text', cell: ({ username }) => username },
        { title: 'State', cell: ({ status }) => badge(...(states[status] ?? [format.words(status)])) },
        { title: 'Created', kind: 'minor', cell: ({ created_at: time }) => momentOrNever(time) },
        { title: 'Expires', kind: 'time', cell: ({ expires_at: time }) => momentOrNever(time) },
        { title: 'Last used', kind: 'time', cell: ({ last_used_at: time }) => momentOrNever(time) },
        { title: 'Actions', kind: 'actions', cell: (key) => actions(key, reload) },
    ].filter(Boolean),
});

export function showKeys(panel, { signal, user: self }) {
    const view = new LoadedView('large');
    const create = () => newKey(self, reload);
    const newButton = () => button('New key', { iconName: 'plus', kind: 'button-primary', onClick: create });
    async function reload() {
        try {
            const { keys } = await api.keys(signal);
            // What can be used comes first, the newest of it on top.
            const sorted = [...keys].sort((one, other) => (other.status === 'active') - (one.status === 'active')
                || other.created_at.localeCompare(one.created_at));
            view.show(sorted.length > 0 ? keyTable(sorted, self, reload) : emptyState('key', 'No stream keys yet',
                'A key lets an encoder such as OBS publish one stream. Create the first with "New key".'));
        } catch (error) {
            if (!signal.aborted) {
                view.fail(error, reload);
            }
        }
    }
    panel.append(
        el('header', { class: 'panel-head' }, el('h1', {}, 'Keys'),
            el('p', { class: 'muted' }, 'A key lets one user publish one stream.'), newButton()),
        el('section', { class: 'card card-table', 'aria-label': 'Stream keys' }, view.element));
    reload();
}
