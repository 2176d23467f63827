/** Types of bundle-check.js, for the tests. */
export declare function forbiddenIn(code: string): string[];
