// Makes elements. Text only ever becomes text: nothing here reads HTML, so no name or label can.

const svgNamespace = 'http://www.w3.org/2000/svg';

function setAttribute(element, name, value) {
    if (value === undefined || value === null || value === false) {
        return;
    }
    if (name === 'on') {
        for (const [event, listener] of Object.entries(value)) {
            element.addEventListener(event, listener);
        }
    } else if (name === 'style' || name.startsWith('on')) {
        throw new TypeError(`the content security policy forbids the attribute ${name}`);
    } else {
        element.setAttribute(name, value === true ? '' : String(value));
    }
}

function fill(element, attributes, children) {
    for (const [name, value] of Object.entries(attributes)) {
        setAttribute(element, name, value);
    }
    element.append(...children.flat().filter((child) => child !== undefined && child !== null && child !== false));
    return element;
}

/// An HTML element. `on` maps events to listeners; false and null leave an attribute or a child out.
export function el(tag, attributes = {}, ...children) {
    return fill(document.createElement(tag), attributes, children);
}

/// An SVG element.
export function svg(tag, attributes = {}, ...children) {
    return fill(document.createElementNS(svgNamespace, tag), attributes, children);
}

/// One of img/icons.svg; hidden from screen readers, for a text always stands beside it or in the button's name.
export function icon(name) {
    return svg('svg', { class: 'icon', 'aria-hidden': 'true', focusable: 'false' },
        svg('use', { href: `/assets/img/icons.svg#${name}` }));
}

/// A button that does something on this page.
export function button(text, { iconName, onClick, kind = '', ...attributes } = {}) {
    return el('button', {
        type: 'button', class: `button ${kind}`.trim(), on: onClick && { click: onClick }, ...attributes,
    }, iconName && icon(iconName), el('span', {}, text));
}

let lastID = 0;

/// An id for aria-describedby and the like, unique on the page.
export function uniqueID(prefix) {
    lastID += 1;
    return `${prefix}-${lastID}`;
}

/// Changes a text only if it differs, so that what is selected or read aloud stays undisturbed.
export function setText(element, text) {
    const wanted = String(text);
    if (element.textContent !== wanted) {
        element.textContent = wanted;
    }
}
