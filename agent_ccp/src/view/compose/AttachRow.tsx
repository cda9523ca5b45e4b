import Button from '@cloudscape-design/components/button';
import { useRef } from 'react';
import { megabytes } from '../../compose/check';
import type { Limits } from '../../compose/types';
import { WORDS } from '../../compose/words';

interface Props {
  readonly limits: Limits;
  readonly disabled: boolean;
  readonly onFiles: (files: readonly File[]) => void;
}

/** The way to attach files, and how much they may be. */
export function AttachRow({ limits, disabled, onFiles }: Props) {
  const picker = useRef<HTMLInputElement>(null);
  return (
    <div className="attach-row">
      <Button iconName="upload" variant="inline-link" disabled={disabled} onClick={() => picker.current?.click()}>
        {WORDS.attach}
      </Button>
      <span className="quiet small">{WORDS.limits(megabytes(limits.file), megabytes(limits.total), limits.files)}</span>
      <input
        ref={picker}
        type="file"
        multiple
        hidden
        tabIndex={-1}
        aria-hidden="true"
        onChange={({ target }) => {
          onFiles([...(target.files ?? [])]);
          target.value = '';
        }}
      />
    </div>
  );
}
