// The tab pattern of the ARIA Authoring Practices: one tab in the tab order, arrow keys move and select, Home and End
// go to the ends. The selected tab stands in the address, so that a reload or a login comes back to it.

import { el, icon } from './dom.js';

/// Fills `list` and `panels` with tabs [{id, title, icon, show(panel, signal)}]. A panel is filled when its tab is
/// selected and emptied when another is, with `signal` aborted: whatever it polls or draws ends with it.
export function setUpTabs(list, panels, tabs) {
    let shown;
    let ending;

    const entries = tabs.map((tab) => {
        const handle = el('button', {
            type: 'button', role: 'tab', class: 'tab', id: `tab-${tab.id}`, 'aria-controls': `panel-${tab.id}`,
            'aria-selected': 'false', tabindex: '-1', on: { click: () => select(entry, true) },
        }, icon(tab.icon), el('span', {}, tab.title));
        const panel = el('section', {
            role: 'tabpanel', class: 'panel', id: `panel-${tab.id}`, 'aria-labelledby': handle.id, tabindex: '0',
            hidden: true,
        });
        const entry = { ...tab, handle, panel };
        return entry;
    });

    function select(entry, byUser) {
        if (entry === shown) {
            return;
        }
        ending?.abort();
        if (shown) {
            shown.handle.setAttribute('aria-selected', 'false');
            shown.handle.tabIndex = -1;
            shown.panel.hidden = true;
            shown.panel.replaceChildren();
        }
        shown = entry;
        ending = new AbortController();
        entry.handle.setAttribute('aria-selected', 'true');
        entry.handle.tabIndex = 0;
        entry.panel.hidden = false;
        document.title = `${entry.title} · PutLive`;
        if (byUser) {
            history.replaceState(null, '', `#${entry.id}`);
            window.scrollTo(0, 0);
        }
        entry.handle.scrollIntoView({ block: 'nearest', inline: 'nearest' });
        entry.show(entry.panel, ending.signal);
    }

    const fromAddress = () => entries.find(({ id }) => id === location.hash.slice(1));

    list.addEventListener('keydown', (event) => {
        const index = entries.findIndex(({ handle }) => handle === event.target);
        const last = entries.length - 1;
        const next = {
            ArrowRight: index === last ? 0 : index + 1, ArrowDown: index === last ? 0 : index + 1,
            ArrowLeft: index === 0 ? last : index - 1, ArrowUp: index === 0 ? last : index - 1, Home: 0, End: last,
        }[event.key];
        if (index < 0 || next === undefined || event.ctrlKey || event.altKey || event.metaKey) {
            return;
        }
        event.preventDefault();
        entries[next].handle.focus();
        select(entries[next], true);
    });
    // The list stands upright beside the panel, and lies above it on a narrow screen.
    const wide = matchMedia('(min-width: 72rem)');
    const orient = () => list.setAttribute('aria-orientation', wide.matches ? 'vertical' : 'horizontal');
    wide.addEventListener('change', orient);
    orient();

    list.replaceChildren(...entries.map(({ handle }) => handle));
    panels.replaceChildren(...entries.map(({ panel }) => panel));
    window.addEventListener('hashchange', () => select(fromAddress() ?? shown, false));
    select(fromAddress() ?? entries[0], false);
}
