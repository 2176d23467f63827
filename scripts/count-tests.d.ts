/** Types of count-tests.js, for its test. */
export declare function countTests(output: string): {
  readonly passed: number;
  readonly failed: number;
  readonly pending: number;
};

export declare function findFailures(output: string): string;
