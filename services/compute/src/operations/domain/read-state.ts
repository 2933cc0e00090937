/** The state of an instance, for later areas to read and lock. Operations alone change it. */
export { findState, lockState, setOtherFlavor, type InstanceState } from '../store/instance-state.js';
