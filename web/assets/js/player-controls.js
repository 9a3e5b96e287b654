// The controls below the picture: play, sound, live, quality, picture in picture, full screen. Keys: space or K, M, F.

import { button, el, icon, setText } from './dom.js';
import { choiceMenu } from './menu.js';

const idleSeconds = 3;
const volumeStep = 0.1;

function iconButton(label, iconName, onClick) {
    const element = el('button', { type: 'button', class: 'control', 'aria-label': label, on: { click: onClick } },
        icon(iconName));
    return {
        element,
        set(nextLabel, nextIcon) {
            if (element.getAttribute('aria-label') !== nextLabel) {
                element.setAttribute('aria-label', nextLabel);
                element.replaceChildren(icon(nextIcon));
            }
        },
    };
}

function fullscreenControl(stage, video) {
    const isFull = () => document.fullscreenElement === stage;
    // iPhones show nothing but a video in full screen.
    if (!stage.requestFullscreen && !video.webkitEnterFullscreen) {
        return null;
    }
    const control = iconButton('Full screen', 'expand', () => {
        if (!stage.requestFullscreen) {
            video.webkitEnterFullscreen();
        } else if (isFull()) {
            document.exitFullscreen();
        } else {
            stage.requestFullscreen().catch(() => {});
        }
    });
    document.addEventListener('fullscreenchange', () =>
        control.set(isFull() ? 'Leave full screen' : 'Full screen', isFull() ? 'shrink' : 'expand'));
    return control;
}

function pictureInPictureControl(video) {
    if (!document.pictureInPictureEnabled) {
        return null;
    }
    return iconButton('Picture in picture', 'picture', () => {
        const isOut = document.pictureInPictureElement !== null;
        const change = isOut ? document.exitPictureInPicture() : video.requestPictureInPicture();
        change.catch(() => {});
    });
}

function qualityName({ key, height, bitrate }) {
    if (key === 'src') {
        return height ? `Source, ${height}p` : 'Source';
    }
    return /^\d+p$/.test(key) ? key : `${Math.round(bitrate / 1000)} kbit/s`;
}

function qualityControl(playback) {
    const menu = choiceMenu('Quality', (value) => playback.choose(value));
    const update = () => {
        const { levels, chosen, playing } = playback;
        const current = levels.find(({ index }) => index === playing);
        const named = levels.map((level) => [level.index, qualityName(level)]);
        menu.element.hidden = levels.length === 0;
        const automatic = current ? `Auto (${qualityName(current)})` : 'Auto';
        menu.set([[-1, 'Auto'], ...named], chosen, chosen < 0 ? automatic : undefined);
    };
    playback.addEventListener('levels', update);
    update();
    return menu.element;
}

function soundControls(video) {
    const mute = iconButton('Unmute', 'muted', () => {
        video.muted = !video.muted;
        if (!video.muted && video.volume === 0) {
            video.volume = 0.5;
        }
    });
    const volume = el('input', {
        type: 'range', class: 'volume', min: '0', max: '1', step: '0.05', 'aria-label': 'Volume',
        on: {
            input() {
                video.volume = Number(volume.value);
                video.muted = video.volume === 0;
            },
        },
    });
    const unmute = button('Unmute', { iconName: 'muted', kind: 'unmute', onClick: () => mute.element.click() });
    const update = () => {
        const isSilent = video.muted || video.volume === 0;
        mute.set(isSilent ? 'Unmute' : 'Mute', isSilent ? 'muted' : 'sound');
        volume.value = isSilent ? '0' : String(video.volume);
        volume.setAttribute('aria-valuetext', isSilent ? 'Muted' : `${Math.round(video.volume * 100)} %`);
    };
    // The large button is for the silence that a page must start with; whoever mutes later knows how to undo it.
    const onFirstSound = () => {
        if (!video.muted) {
            unmute.remove();
            video.removeEventListener('volumechange', onFirstSound);
        }
    };
    video.addEventListener('volumechange', update);
    video.addEventListener('volumechange', onFirstSound);
    update();
    return { mute, volume, unmute };
}

// Controls go away while somebody watches and come back at any sign of life.
function hideWhenIdle(stage, video) {
    let timer;
    const wake = () => {
        stage.classList.remove('is-idle');
        clearTimeout(timer);
        timer = setTimeout(() => {
            const isUsed = stage.querySelector('.controls :focus-visible, [aria-expanded="true"]');
            if (!video.paused && !isUsed) {
                stage.classList.add('is-idle');
            }
        }, idleSeconds * 1000);
    };
    for (const event of ['pointermove', 'pointerdown', 'focusin', 'keydown']) {
        stage.addEventListener(event, wake);
    }
    for (const event of ['play', 'pause', 'playing']) {
        video.addEventListener(event, wake);
    }
    wake();
}

function handleKeys(stage, video, { play, mute, fullscreen }) {
    document.addEventListener('keydown', (event) => {
        const isInMenu = event.target.closest('[role="menu"]') !== null;
        const isOnControl = event.target.closest('button, a, input') !== null;
        if (isInMenu || event.ctrlKey || event.altKey || event.metaKey || stage.dataset.state !== 'live') {
            return;
        }
        const act = {
            k: () => play.element.click(), m: () => mute.element.click(), f: () => fullscreen?.element.click(),
            ArrowUp: () => { video.volume = Math.min(1, video.volume + volumeStep); },
            ArrowDown: () => { video.volume = Math.max(0, video.volume - volumeStep); },
            ' ': () => play.element.click(),
        }[event.key.length === 1 ? event.key.toLowerCase() : event.key];
        // On a control the space bar and the arrows are that control's; elsewhere on the page arrows scroll.
        const isInPicture = stage.contains(event.target) && event.target.closest('input') === null;
        const isFree = event.key === ' ' ? !isOnControl : !event.key.startsWith('Arrow') || isInPicture;
        if (act && isFree) {
            event.preventDefault();
            act();
        }
    });
}

/// Builds the controls into the stage.
export function setUpControls({ stage, video, playback }) {
    const toggle = () => (video.paused ? playback.play() : video.pause());
    const play = iconButton('Pause', 'pause', toggle);
    const bigPlay = el('button', {
        type: 'button', class: 'big-play', 'aria-label': 'Play the stream', hidden: true,
        on: { click: () => playback.play() },
    }, icon('play'));
    const { mute, volume, unmute } = soundControls(video);
    const live = el('button', { type: 'button', class: 'control live-button', on: { click: () => playback.goLive() } },
        el('span', { class: 'live-dot', 'aria-hidden': 'true' }), el('span', {}, 'Live'));
    const fullscreen = fullscreenControl(stage, video);
    const picture = pictureInPictureControl(video);

    const bar = el('div', { class: 'controls', role: 'group', 'aria-label': 'Player' },
        play.element, mute.element, volume, live, el('span', { class: 'spacer' }),
        qualityControl(playback), picture?.element, fullscreen?.element);
    stage.append(unmute, bigPlay, bar);

    const update = () => {
        const isLive = playback.state === 'live';
        const isBehind = video.paused || playback.isBehind;
        bar.hidden = !isLive;
        unmute.hidden = !isLive;
        play.set(video.paused ? 'Play' : 'Pause', video.paused ? 'play' : 'pause');
        bigPlay.hidden = !(isLive && video.paused) && !bigPlay.matches('[data-blocked]');
        live.classList.toggle('is-behind', isBehind);
        live.disabled = !isBehind;
        setText(live.lastElementChild, isBehind ? 'Go to live' : 'Live');
        stage.classList.toggle('is-buffering', isLive && !video.paused && video.readyState < 3);
    };
    playback.addEventListener('blocked', () => {
        bigPlay.toggleAttribute('data-blocked', true);
        update();
    });
    video.addEventListener('playing', () => bigPlay.removeAttribute('data-blocked'));
    playback.addEventListener('state', update);
    for (const event of ['play', 'pause', 'playing', 'waiting', 'timeupdate', 'seeked']) {
        video.addEventListener(event, update);
    }
    video.addEventListener('click', () => {
        // A touch shows the controls; a mouse plays and pauses.
        if (matchMedia('(hover: hover)').matches) {
            toggle();
        }
    });
    setInterval(update, 1000);
    hideWhenIdle(stage, video);
    handleKeys(stage, video, { play, mute, fullscreen });
    update();
}
