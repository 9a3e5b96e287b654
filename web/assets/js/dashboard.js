// The dashboard: sees who is logged in, and makes the tabs that this role may see.

import { setUpAccount } from './account.js';
import * as api from './api.js';
import { el } from './dom.js';
import * as session from './session.js';
import { setUpTabs } from './tabs.js';
import { showAnalytics } from './tabs/analytics.js';
import { showBroadcast } from './tabs/broadcast.js';
import { showHealth } from './tabs/health.js';
import { showKeys } from './tabs/keys.js';
import { showOverview } from './tabs/overview.js';
import { showUsers } from './tabs/users.js';
import { LoadedView } from './view.js';

const everyone = ['admin', 'streamer', 'viewer'];
const tabs = [
    { id: 'overview', title: 'Overview', icon: 'overview', roles: everyone, show: showOverview },
    { id: 'broadcast', title: 'Broadcast', icon: 'camera', roles: ['admin', 'streamer'], show: showBroadcast },
    { id: 'analytics', title: 'Analytics', icon: 'analytics', roles: everyone, show: showAnalytics },
    { id: 'health', title: 'System Health', icon: 'health', roles: everyone, show: showHealth },
    { id: 'keys', title: 'Keys', icon: 'key', roles: ['admin', 'streamer'], show: showKeys },
    { id: 'users', title: 'Users', icon: 'users', roles: ['admin'], show: showUsers },
];

const panels = document.getElementById('panels');

async function start() {
    const view = new LoadedView('large');
    panels.replaceChildren(el('div', { class: 'panel' }, view.element));
    let user;
    try {
        // The server's word, not the stored one: a role may have changed since the login.
        ({ user } = await api.me());
    } catch (error) {
        view.fail(error, start);
        return;
    }
    setUpAccount(document.getElementById('account'), user);
    const context = { user, canPublish: user.role !== 'viewer' };
    setUpTabs(document.getElementById('tabs'), panels, tabs.filter(({ roles }) => roles.includes(user.role))
        .map((tab) => ({ ...tab, show: (panel, signal) => tab.show(panel, { ...context, signal }) })));
}

if (session.current()) {
    await session.keepAlive(() => session.goToLogin('expired'));
    start();
} else {
    session.goToLogin();
}
