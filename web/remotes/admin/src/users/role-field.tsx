/** The three roles to choose from, each with what it may do. */
import type { Role } from '@flowbit/api';
import { Radio, Stack, stateWords, useMessages } from '@flowbit/ui';
import { ROLES, roleWords } from './role-words';

export interface RoleFieldProps {
  label: string;
  value: Role;
  onChange(role: Role): void;
  isDisabled?: boolean;
}

export function RoleField({ label, value, onChange, isDisabled = false }: RoleFieldProps) {
  const names = useMessages(stateWords);
  const meanings = useMessages(roleWords);
  return (
    <Radio.Group label={label} value={value} onChange={(role) => onChange(role as Role)}>
      <Stack gap={8} mt={8}>
        {ROLES.map((role) => (
          <Radio
            key={role}
            value={role}
            label={names[role]}
            description={meanings[role]}
            disabled={isDisabled}
          />
        ))}
      </Stack>
    </Radio.Group>
  );
}
