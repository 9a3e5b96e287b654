// Loads something now and again, while the page is seen.

const longestWait = 60_000;

/// Loads at once and then every so many seconds after the answer, until `signal` aborts. Nothing is loaded while the
/// page is hidden; seen again, it loads at once. After failures it waits longer each time. `fail` gets the error and a
/// function that tries again now.
export function poll({ seconds, signal, load, show, fail }) {
    let timer;
    let loading = false;
    let isOutdated = false;
    let failures = 0;

    const schedule = (wait) => {
        clearTimeout(timer);
        if (!signal.aborted && !document.hidden) {
            timer = setTimeout(run, wait);
        }
    };
    const run = async () => {
        if (loading || signal.aborted) {
            isOutdated = loading;
            return;
        }
        clearTimeout(timer);
        loading = true;
        isOutdated = false;
        let wait = seconds * 1000;
        try {
            const result = await load(signal);
            failures = 0;
            if (!signal.aborted && !isOutdated) {
                show(result);
            }
        } catch (error) {
            if (signal.aborted) {
                return;
            }
            failures += 1;
            wait = Math.min(longestWait, wait * 2 ** Math.min(failures, 6));
            wait = Math.max(wait, (error.retryAfter ?? 0) * 1000);
            fail(error, run);
        } finally {
            loading = false;
        }
        schedule(isOutdated ? 0 : wait);
    };

    const onVisibility = () => (document.hidden ? clearTimeout(timer) : run());
    document.addEventListener('visibilitychange', onVisibility, { signal });
    signal.addEventListener('abort', () => clearTimeout(timer));
    run();
    // What is on its way when this is called was asked with something else in mind, and isn't shown.
    return { now: run };
}
