import { describeMigrations } from '@nefos/testing';
import { migrations } from '../src/migrations/index.js';

describeMigrations({ name: 'introspection_bare', migrations });
