export { markLoaded } from '../store/loaded-fixtures.js';
