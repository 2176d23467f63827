export function buildDashboard(): Promise<string>;
