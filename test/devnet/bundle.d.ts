/** Path of the script to run. Made anew when a source is newer. */
export function bundleDevnet(): Promise<string>;
