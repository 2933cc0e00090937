export { listOverviews, type Overview } from '../store/overview.js';
