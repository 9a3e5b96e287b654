// Users: who may log in and what they may do. For admins.

import * as api from '../api.js';
import { confirm, openDialog } from '../dialogs.js';
import { button, el } from '../dom.js';
import { checkbox, field, form, password, select } from '../forms.js';
import * as format from '../format.js';
import { notify } from '../notices.js';
import { momentOrNever, table } from '../tables.js';
import { badge, LoadedView } from '../view.js';

const roleOptions = [
    ['viewer', 'Viewer: sees streams and numbers'], ['streamer', 'Streamer: has stream keys too'],
    ['admin', 'Admin: does everything'],
];
const passwordHint = '8 to 128 characters.';

function addUser(reload) {
    openDialog('Add a user', (close) => form({
        fields: [
            field({
                label: 'User name', name: 'username', required: true, maxlength: 64, autocomplete: 'off',
                autocapitalize: 'none', spellcheck: 'false',
                hint: 'Letters, digits, dots, underscores and hyphens; at most 64.',
            }),
            password({ label: 'Password', name: 'password', autocomplete: 'new-password', hint: passwordHint }),
            select({ label: 'Role', name: 'role', options: roleOptions, value: 'viewer' }),
        ],
        submit: 'Add user', onCancel: close,
        async onSubmit(user) {
            await api.addUser(user);
            close();
            notify(`${user.username} added`);
            reload();
        },
    }));
}

function editUser(user, reload) {
    openDialog(`Edit ${user.username}`, (close) => form({
        fields: [
            select({ label: 'Role', name: 'role', options: roleOptions, value: user.role }),
            checkbox({
                label: 'Disabled', name: 'disabled', checked: user.disabled,
                hint: 'Can neither log in nor stream, and is logged out at once.',
            }),
        ],
        submit: 'Save', onCancel: close,
        async onSubmit(wanted) {
            const changes = Object.fromEntries(Object.entries(wanted).filter(([name, value]) => value !== user[name]));
            if (Object.keys(changes).length === 0) {
                close();
                return;
            }
            await api.changeUser(user.id, changes);
            close();
            notify(`${user.username} saved`);
            reload();
        },
    }));
}

function setPassword(user) {
    openDialog(`Set the password of ${user.username}`, (close) => form({
        fields: [
            password({ label: 'New password', name: 'password', autocomplete: 'new-password', hint: passwordHint }),
        ],
        submit: 'Set password', onCancel: close,
        async onSubmit(changes) {
            await api.changeUser(user.id, changes);
            close();
            notify(`Password of ${user.username} set`);
        },
    }));
}

function deleteUser(user, reload) {
    confirm({
        title: `Delete ${user.username}?`, action: 'Delete user',
        text: 'The account and its stream keys go away for good. A stream that uses one of them ends.',
        work: () => api.deleteUser(user.id),
        done() {
            notify(`${user.username} deleted`);
            reload();
        },
    });
}

function actions(user, self, reload) {
    const of = (what) => `${what} ${user.username}`;
    // The id finds the button again once the list is loaded anew.
    const small = (text, label, onClick, kind = '') => button(text, {
        id: `${text.toLowerCase()}-${user.id}`, kind: `button-small ${kind}`, 'aria-label': of(label), onClick,
    });
    return el('div', { class: 'row-actions' },
        small('Edit', 'Edit', () => editUser(user, reload)),
        small('Password', 'Set password of', () => setPassword(user)),
        user.id !== self.id && small('Delete', 'Delete', () => deleteUser(user, reload), 'button-danger-quiet'));
}

const userTable = (users, self, reload) => table({
    caption: 'Users', rows: users, cards: true,
    columns: [
        {
            title: 'User name',
            cell: ({ id, username }) => [
                el('span', { class: 'strong' }, username), id === self.id && badge('You'),
            ],
        },
        { title: 'Role', cell: ({ role }) => format.role(role) },
        { title: 'State', cell: ({ disabled }) => (disabled ? badge('Disabled', 'warn') : badge('Active', 'ok')) },
        { title: 'Added', kind: 'minor', cell: ({ created_at: time }) => momentOrNever(time) },
        { title: 'Last login', kind: 'time', cell: ({ last_login_at: time }) => momentOrNever(time) },
        { title: 'Actions', kind: 'actions', cell: (user) => actions(user, self, reload) },
    ],
});

export function showUsers(panel, { signal, user: self }) {
    const view = new LoadedView('large');
    const count = el('p', { class: 'muted' });
    const reload = async () => {
        try {
            const { users, total } = await api.users(signal);
            const sorted = [...users].sort((one, other) => one.username.localeCompare(other.username));
            count.textContent = total === 1 ? '1 user' : `${format.number(total)} users`;
            view.show(userTable(sorted, self, reload));
        } catch (error) {
            if (!signal.aborted) {
                view.fail(error, reload);
            }
        }
    };
    panel.append(
        el('header', { class: 'panel-head' }, el('h1', {}, 'Users'), count,
            button('Add user', { iconName: 'plus', kind: 'button-primary', onClick: () => addUser(reload) })),
        el('section', { class: 'card card-table', 'aria-label': 'Accounts' }, view.element));
    reload();
}
