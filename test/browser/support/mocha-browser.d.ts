/** The browser build of mocha, which runs in workers as well. */
declare module "mocha/mocha.js" {
  const mocha: BrowserMocha;
  export default mocha;
}
