/** The state of an instance as the areas after this one may read and hold it. It is changed by operations alone. */
export { findState, lockState, type InstanceState } from '../store/instance-state.js';
