// Where viewers find the stream.

import { copyField } from '../copying.js';
import { el, icon } from '../dom.js';
import { card } from '../view.js';

/// The watch page opens the stream called `stream` by itself.
export function watchLink(stream) {
    const address = stream === 'stream' ? `${location.origin}/`
        : `${location.origin}/?${new URLSearchParams({ stream })}`;
    const open = el('a', { class: 'button button-small', href: address, target: '_blank', rel: 'noopener' },
        icon('external'), el('span', {}, 'Open'), el('span', { class: 'visually-hidden' }, ' (in a new tab)'));
    return card('Share it', { actions: [open], className: 'studio-share' },
        copyField({ label: 'Watch page', value: address }),
        copyField({ label: 'Playlist address', value: `${location.origin}/live/${stream}.m3u8` }));
}
